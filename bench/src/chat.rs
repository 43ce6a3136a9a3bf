//! Chats of a measured server: visitors and their conversations, messages on a schedule or one
//! after another, and pages that follow them.

use std::{
    collections::HashMap,
    net::SocketAddr,
    os::fd::AsFd as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use nix::{
    errno::Errno,
    sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    ask::Asker,
    clock::{Schedule, now},
    line::{Line, Said},
    widget,
    wire::Received,
};

const SEND_CHAT: &str = "mutation Send($input: SendChatMessageInput!) { sendChatMessage(input: $input) { \
     message { sequence } userErrors { message } } }";
const SEND: &str = "mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { \
     message { sequence } userErrors { message } } }";
/// What the inbox follows.
const CONVERSATION: &str = "subscription Talk($id: ID!, $after: String) { conversation(id: $id, after: $after) { \
     conversation { id status lastSequence readUpTo readByVisitorUpTo unreadCount participants { id } } \
     messages { sequence clientMessageId author text event sentAt operator { id } } notes { id } cursor isReset } }";
/// How many requests are under way at once.
const SENDERS: usize = 32;
const FIRST_ITEM_WITHIN: Duration = Duration::from_secs(30);

/// A conversation that has begun.
#[derive(Clone, Debug)]
pub struct Chat {
    /// The visitor's.
    pub token: String,
    pub widget_key: String,
    /// The id that operators use.
    pub conversation: String,
    /// The token of the operator who answers.
    pub operator: String,
}

/// Who writes, or who follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Visitor,
    Operator,
}

impl Chat {
    #[must_use]
    pub fn asker(&self, server: SocketAddr, side: Side, nth: usize) -> Asker {
        let token = if side == Side::Visitor { &self.token } else { &self.operator };
        Asker::new(server, Some(token), nth)
    }

    /// Sends the message with this number. Returns when it was answered.
    pub fn send(&self, asker: &mut Asker, side: Side, number: usize) -> anyhow::Result<Duration> {
        let mut input = json!({ "clientMessageId": format!("m{number}"), "text": text(number) });
        let (field, document) = match side {
            Side::Visitor => {
                input["widgetKey"] = json!(self.widget_key);
                ("sendChatMessage", SEND_CHAT)
            }
            Side::Operator => {
                input["conversationId"] = json!(self.conversation);
                ("sendMessage", SEND)
            }
        };
        Ok(asker.mutate(field, document, &json!({ "input": input }))?.1)
    }

    /// What a page of this side subscribes to.
    #[must_use]
    pub fn wants(&self, side: Side) -> Wants {
        match side {
            Side::Visitor => Wants {
                token: Some(self.token.clone()),
                side,
                subscriptions: vec![("chat", widget::CHAT, json!({ "key": self.widget_key }))],
            },
            Side::Operator => Wants {
                token: Some(self.operator.clone()),
                side,
                subscriptions: vec![("conversation", CONVERSATION, json!({ "id": self.conversation }))],
            },
        }
    }
}

/// A text of a usual length that begins with its number.
fn text(number: usize) -> String {
    format!("{number:06} is the number of this message, whose length is a usual one")
}

/// Begins conversations of new visitors, each with one message. The operators answer in turn.
pub fn begin(
    server: SocketAddr,
    widget_key: &str,
    operators: &[String],
    numbers: std::ops::Range<usize>,
) -> anyhow::Result<Vec<Chat>> {
    let token = |number: usize| format!("vt_{}", URL_SAFE_NO_PAD.encode(Sha256::digest(format!("visitor {number}"))));
    let all: Vec<_> = numbers.collect();
    thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(8).max(1)).map(|part| {
            scope.spawn(move || {
                for number in part {
                    let input = json!({
                        "widgetKey": widget_key, "clientMessageId": "first", "text": "Hello",
                        "visitor": { "name": number.to_string() },
                    });
                    let mut asker = Asker::new(server, Some(&token(*number)), *number);
                    asker.mutate("sendChatMessage", SEND_CHAT, &json!({ "input": input }))?;
                }
                anyhow::Ok(())
            })
        });
        parts.collect::<Vec<_>>().into_iter().try_for_each(|part| part.join().expect("no panic"))
    })?;
    let ids = conversations(&mut Asker::new(server, Some(&operators[0]), 0))?;
    let chat = |(place, number): (usize, &usize)| {
        let conversation = ids.get(&number.to_string()).context("a conversation is not in the list")?.clone();
        let operator = operators[place % operators.len()].clone();
        Ok(Chat { token: token(*number), widget_key: widget_key.to_owned(), conversation, operator })
    };
    all.iter().enumerate().map(chat).collect()
}

/// Reads each chat once, so that the caches of the database are full.
pub fn read_each(server: SocketAddr, chats: &[Chat]) -> anyhow::Result<()> {
    const READ: &str = "query Read($key: String!) { chat(widgetKey: $key) { id messages(last: 50) { text } } }";
    thread::scope(|scope| {
        let parts = chats.chunks(chats.len().div_ceil(8).max(1)).map(|part| {
            scope.spawn(move || {
                for (nth, chat) in part.iter().enumerate() {
                    let mut asker = chat.asker(server, Side::Visitor, nth);
                    asker.graphql(READ, &json!({ "key": chat.widget_key }))?;
                }
                anyhow::Ok(())
            })
        });
        parts.collect::<Vec<_>>().into_iter().try_for_each(|part| part.join().expect("no panic"))
    })
}

/// The ids of all conversations, by the names of the visitors.
fn conversations(asker: &mut Asker) -> anyhow::Result<HashMap<String, String>> {
    const PAGE: &str = "query Page($after: String) { account { conversations(first: 100, after: $after) { \
         nodes { id visitor { name } } pageInfo { hasNextPage endCursor } } } }";
    let (mut ids, mut after) = (HashMap::new(), Value::Null);
    loop {
        let (mut data, _) = asker.graphql(PAGE, &json!({ "after": after }))?;
        let mut page = data["account"]["conversations"].take();
        for node in page["nodes"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            ids.insert(text(&node["visitor"]["name"]), text(&node["id"]));
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(ids);
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// Messages on a schedule: when each was due, and when it was answered, by number.
#[derive(Debug)]
pub struct Sending(Vec<JoinHandle<anyhow::Result<Vec<Posted>>>>);

#[derive(Clone, Copy, Debug)]
pub struct Posted {
    pub number: usize,
    pub side: Side,
    pub due: Duration,
    pub answered: Duration,
}

impl Sending {
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.0.iter().all(JoinHandle::is_finished)
    }

    pub fn join(self) -> anyhow::Result<Vec<Posted>> {
        let mut all = Vec::new();
        for thread in self.0 {
            all.extend(thread.join().map_err(|_| anyhow::anyhow!("a client thread panicked"))??);
        }
        Ok(all)
    }
}

/// Sends to all conversations in turn, by visitors and operators in turn, independent of earlier
/// answers. The numbers of the messages begin with `first`.
#[must_use]
pub fn send_on(schedule: Schedule, server: SocketAddr, chats: &[Chat], first: usize) -> Sending {
    let next = Arc::new(Mutex::new((schedule, first)));
    let chats: Arc<[Chat]> = chats.into();
    let thread = |nth| {
        let (next, chats) = (Arc::clone(&next), Arc::clone(&chats));
        thread::spawn(move || {
            // One for each token that this thread has used.
            let (mut askers, mut posted) = (HashMap::new(), Vec::new());
            loop {
                let (due, number) = {
                    let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                    let Some(due) = next.0.next() else { return Ok(posted) };
                    next.0.take(due);
                    next.1 += 1;
                    (due, next.1 - 1)
                };
                thread::sleep(due.saturating_sub(now()));
                let place = number % chats.len();
                // Each conversation gets messages of both sides.
                let side = if (number / chats.len()).is_multiple_of(2) { Side::Visitor } else { Side::Operator };
                let chat = &chats[place];
                let asker = askers
                    .entry(if side == Side::Visitor { chat.token.clone() } else { chat.operator.clone() })
                    .or_insert_with(|| chat.asker(server, side, nth));
                let answered = chat.send(asker, side, number)?;
                posted.push(Posted { number, side, due, answered });
            }
        })
    };
    Sending((0..SENDERS).map(thread).collect())
}

/// Sends in a closed loop: each conversation has one sender, who sends the next message when the
/// last one is answered. Returns the messages per second of all senders together.
pub fn send_in_loops(
    server: SocketAddr,
    chats: &[Chat],
    side: Side,
    time: Duration,
    first: usize,
) -> anyhow::Result<f64> {
    // A visitor may send 500 messages a day.
    const MOST: usize = 480;
    let is_over = AtomicBool::new(false);
    let began = now();
    let sender = |nth: usize, chat: &Chat| {
        let (mut asker, mut count) = (chat.asker(server, side, nth), 0);
        while !is_over.load(Ordering::Relaxed) {
            chat.send(&mut asker, side, first + count)?;
            count += 1;
            if count == MOST || now() > began + time {
                is_over.store(true, Ordering::Relaxed);
            }
        }
        anyhow::Ok(count)
    };
    let sender = &sender;
    let count = thread::scope(|scope| {
        let senders: Vec<_> =
            chats.iter().enumerate().map(|(nth, chat)| scope.spawn(move || sender(nth, chat))).collect();
        senders.into_iter().try_fold(0, |sum, sender| anyhow::Ok(sum + sender.join().expect("no panic")?))
    })?;
    Ok(crate::numbers::real(count) / now().saturating_sub(began).as_secs_f64())
}

/// A page: its token, and its subscriptions with the field of their items.
#[derive(Clone, Debug)]
pub struct Wants {
    pub token: Option<String>,
    pub side: Side,
    pub subscriptions: Vec<(&'static str, &'static str, Value)>,
}

impl Wants {
    /// Opens the page, and waits for the first item of each subscription. Its connection may then
    /// be given to [`Ears`].
    pub fn open(&self, server: SocketAddr, nth: usize, received: &mut Received) -> anyhow::Result<Line> {
        let mut line = Line::open(server, nth, self.token.as_deref())?;
        line.waits(FIRST_ITEM_WITHIN)?;
        let (deadline, mut waiting) = (now() + FIRST_ITEM_WITHIN, self.subscriptions.len());
        while waiting > 0 {
            for said in line.hear(received).map_err(|gone| anyhow::anyhow!(gone.0))?.0 {
                match said {
                    Said::Ready => {
                        for (id, (_, query, variables)) in (0..).zip(&self.subscriptions) {
                            line.subscribe(id, query, variables)?;
                        }
                    }
                    Said::Item(_, item) if item.get("errors").is_none() => waiting -= 1,
                    other => anyhow::bail!("instead of a first item: {other:?}"),
                }
            }
            anyhow::ensure!(now() < deadline, "no first item");
        }
        Ok(line)
    }
}

/// A message that a page received.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    pub number: usize,
    /// The page's side.
    pub side: Side,
    pub at: Duration,
}

/// Pages that are read by one thread.
#[derive(Debug)]
pub struct Ears {
    heard: Arc<Mutex<Vec<Heard>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Ears {
    /// Opens all pages, and begins to read.
    pub fn open(server: SocketAddr, pages: &[Wants]) -> anyhow::Result<Self> {
        let mut received = Received::default();
        let mut lines = Vec::with_capacity(pages.len());
        for (nth, page) in pages.iter().enumerate() {
            lines.push((page.open(server, nth, &mut received)?, page.clone()));
        }
        let (heard, is_over) = (Arc::<Mutex<Vec<Heard>>>::default(), Arc::<AtomicBool>::default());
        let (noted, over) = (Arc::clone(&heard), Arc::clone(&is_over));
        let thread = Some(thread::spawn(move || read(lines, received, &noted, &over)));
        Ok(Self { heard, is_over, thread })
    }

    /// What was received since the last call.
    #[must_use]
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Closes the pages.
    pub fn close(mut self) -> anyhow::Result<()> {
        self.is_over.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("only here");
        thread.join().map_err(|_| anyhow::anyhow!("a client thread panicked"))?
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn read(
    mut lines: Vec<(Line, Wants)>,
    mut received: Received,
    heard: &Mutex<Vec<Heard>>,
    is_over: &AtomicBool,
) -> anyhow::Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    for (place, (line, _)) in lines.iter().enumerate() {
        epoll.add(line.stream().as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
    }
    let mut events = [EpollEvent::empty(); 256];
    while !is_over.load(Ordering::Relaxed) {
        let ready = match epoll.wait(&mut events, EpollTimeout::from(20_u16)) {
            Err(Errno::EINTR) => 0,
            ready => ready?,
        };
        for event in &events[..ready] {
            let (line, wants) = &mut lines[usize::try_from(event.data())?];
            let (said, at) = line.hear(&mut received).map_err(|gone| anyhow::anyhow!(gone.0))?;
            for said in said {
                let Said::Item(id, item) = said else { anyhow::bail!("instead of an item: {said:?}") };
                let (field, ..) = wants.subscriptions[usize::try_from(id)?];
                let messages = item["data"][field]["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
                let numbers = messages.iter().filter_map(|message| message["text"].as_str()?.get(..6)?.parse().ok());
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.extend(numbers.map(|number| Heard { number, side: wants.side, at }));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_begins_with_its_number() {
        assert_eq!(text(42)[..6].parse(), Ok(42));
    }
}
