//! Visitors: each writes from a page that loses its connection, and sometimes is a new visitor.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Scope},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Inject, World, locked,
    replica::Replica,
    send::{Caller, End, Sent, new_id},
    verdict::Fault,
};
use crate::{
    clock::now,
    line::{Gone, Line, Said},
    random::Random,
    wire::Received,
};

/// The state of a chat that is compared with what is read afresh.
pub const FIELDS: &str = "id status lastSequence readUpTo readByOperatorUpTo unreadCount closedBy \
     operators { id publicName description } visitor { name email }";
const MESSAGES: &str = "messages { sequence clientMessageId author text event }";
const SEND: &str = "mutation($input: SendChatMessageInput!) { done: sendChatMessage(input: $input) { \
     message { sequence clientMessageId text } talk: chat { id } userErrors { __typename message } } }";
const MARK: &str = "mutation($input: MarkChatReadInput!) { done: markChatRead(input: $input) { \
     chat { id readUpTo } userErrors { __typename message } } }";
const CLOSE: &str = "mutation($input: CloseChatInput!) { done: closeChat(input: $input) { \
     chat { id } userErrors { __typename message } } }";

/// One visitor, from the first message on.
#[derive(Debug)]
pub struct Life {
    pub tag: String,
    pub account: usize,
    pub caller: Caller,
    pub replica: Mutex<Replica>,
    /// The visitor has left: the chat is no longer followed.
    pub is_over: AtomicBool,
    /// The greatest mark of each chat that the server acknowledged.
    pub marks: Mutex<HashMap<String, i32>>,
}

impl Life {
    fn begin(world: &World, random: &mut Random, nth: usize) -> Arc<Self> {
        let number = world.counts.visitors.add(1);
        let account = number % world.accounts.len();
        // Derived from the random numbers, so that it differs in each run of a seed: the tags do
        // not, and are easier to read.
        let bytes = Sha256::digest(format!("{}{number}", random.number()));
        let caller = Caller { token: format!("vt_{}", URL_SAFE_NO_PAD.encode(bytes)), nth };
        let life = Arc::new(Self {
            tag: format!("a{account}v{number}"),
            account,
            caller,
            replica: Mutex::default(),
            is_over: AtomicBool::new(false),
            marks: Mutex::default(),
        });
        world.begun(Arc::clone(&life));
        life
    }

    /// The chat as the servers have it now: null before the first message, `None` without an
    /// answer.
    #[must_use]
    pub fn read(&self, world: &World, random: &mut Random) -> Option<Value> {
        let query = format!("query Chat($key: String!) {{ talk: chat(widgetKey: $key) {{ {FIELDS} }} }}");
        let variables = json!({ "key": world.widget_key(self.account) });
        world.ask(random, &self.caller, &query, &variables).map(|mut data| data["talk"].take())
    }
}

/// Acts until the world stops.
pub fn act<'scope>(world: &'scope World, scope: &'scope Scope<'scope, '_>, mut random: Random, nth: usize) {
    while !world.is_stopped() {
        let life = Life::begin(world, &mut random, nth);
        let (followed, numbers) = (Arc::clone(&life), random.fork());
        scope.spawn(move || follow(world, &followed, numbers));
        let mut actor = Actor { world, life: &life, random: &mut random, number: 0, first: None };
        actor.begin();
        // A visitor may send 500 messages a day.
        let count = 20 + actor.random.below(200);
        while actor.number < count && world.pause(actor.random.ms(100..1_100)) {
            actor.step();
        }
        if !world.is_stopped() {
            life.is_over.store(true, Ordering::SeqCst);
        }
    }
}

#[derive(Debug)]
struct Actor<'a> {
    world: &'a World,
    life: &'a Life,
    random: &'a mut Random,
    number: usize,
    /// An acknowledged message, for repeats.
    first: Option<Sent>,
}

impl Actor<'_> {
    /// The first messages, several at once, as those of a page that was opened twice.
    fn begin(&mut self) {
        let count = 1 + self.random.below(4);
        let sends: Vec<_> = (0..count).map(|_| (self.message(), self.random.fork())).collect();
        let (world, life) = (self.world, self.life);
        thread::scope(|scope| {
            for (sent, numbers) in sends {
                for mut numbers in twins(numbers) {
                    let sent = sent.clone();
                    scope.spawn(move || deliver(world, life, &mut numbers, sent));
                }
            }
        });
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..72 => {
                let sent = self.message();
                let sent = deliver(self.world, self.life, self.random, sent);
                if matches!(sent.end, End::Acknowledged { .. }) {
                    self.first.get_or_insert(sent);
                }
            }
            72..78 => {
                let sent = self.message();
                let (world, life) = (self.world, self.life);
                thread::scope(|scope| {
                    for mut numbers in twins(self.random.fork()) {
                        let sent = sent.clone();
                        scope.spawn(move || deliver(world, life, &mut numbers, sent));
                    }
                });
            }
            78..82 => self.repeat(),
            82..97 => self.mark(),
            _ => {
                let input = json!({ "input": { "widgetKey": self.key() } });
                self.world.act(self.random, &self.life.caller, CLOSE, &input);
            }
        }
    }

    /// A message that was acknowledged long ago: the answer must be the same.
    fn repeat(&mut self) {
        let Some(first) = self.first.clone() else { return };
        let again = Sent { attempts: 0, end: End::Unanswered, ..first.clone() };
        if self.world.inject == Inject::NewId {
            return;
        }
        let again = deliver(self.world, self.life, self.random, again);
        if let (End::Acknowledged { talk, sequence, .. }, End::Acknowledged { talk: old, sequence: was, .. }) =
            (&again.end, &first.end)
            && (talk, sequence) != (old, was)
        {
            self.world.found(Fault::Doubled, || format!("{first:?} was answered differently: {again:?}"));
        }
    }

    fn mark(&mut self) {
        let seen = locked(&self.life.replica).talks.last().map(|talk| (talk.id.clone(), talk.last()));
        let Some((id, up_to)) = seen else { return };
        let input = json!({ "input": { "widgetKey": self.key(), "upTo": up_to } });
        let Some(payload) = self.world.act(self.random, &self.life.caller, MARK, &input) else { return };
        // In the meantime another conversation may have begun.
        if payload["chat"]["id"] == id {
            if payload["chat"]["readUpTo"].as_i64().is_none_or(|read| read < i64::from(up_to)) {
                self.world.found(Fault::Unread, || format!("{} marked {up_to}: {payload}", self.life.tag));
            }
            let mut marks = locked(&self.life.marks);
            let mark = marks.entry(id).or_default();
            *mark = up_to.max(*mark);
        }
    }

    fn message(&mut self) -> Sent {
        self.number += 1;
        let text = format!("{}: {} {}", self.life.tag, self.number, filler(self.random));
        Sent {
            client_id: new_id(self.random),
            text,
            author: "VISITOR",
            issued: now(),
            attempts: 0,
            end: End::Unanswered,
        }
    }

    fn key(&self) -> &str {
        self.world.widget_key(self.life.account)
    }
}

/// One or two generators: with two, the same message is sent twice at once.
fn twins(mut random: Random) -> Vec<Random> {
    let count = 1 + usize::from(random.percent(50));
    (0..count).map(|_| random.fork()).collect()
}

fn deliver(world: &World, life: &Life, random: &mut Random, sent: Sent) -> Sent {
    let input = json!({
        "widgetKey": world.widget_key(life.account), "text": sent.text, "visitor": { "name": life.tag },
        "page": { "url": format!("https://shop.example/{}", life.tag) },
    });
    world.deliver(random, &life.caller, sent, SEND, input)
}

/// Words of any length, with lines and characters of several bytes.
pub fn filler(random: &mut Random) -> String {
    let words = ["where", "is", "мой", "заказ", "naïve", "\n", "🦊", "ありがとう", "—", "\tok"];
    let count = 1 + random.below(12);
    (0..count).map(|_| *random.pick(&words).expect("words")).collect::<Vec<_>>().join(" ")
}

/// Follows the chat of a visitor, from where it was, until the world ends or the visitor leaves.
fn follow(world: &World, life: &Life, mut random: Random) {
    let (mut received, mut first) = (Received::default(), None);
    while !world.is_over() && !life.is_over.load(Ordering::SeqCst) {
        if let Err(Gone(why)) = follow_once(world, life, &mut random, &mut received, &mut first) {
            world.counts.note_gone(&why);
        }
        thread::sleep(random.ms(20..300));
    }
}

fn follow_once(
    world: &World,
    life: &Life,
    random: &mut Random,
    received: &mut Received,
    first: &mut Option<String>,
) -> Result<(), Gone> {
    let token = match world.inject {
        Inject::WrongToken => world.any_token(life.account, random).unwrap_or_else(|| life.caller.token.clone()),
        _ => life.caller.token.clone(),
    };
    let mut line = Line::open(world.server(random), life.caller.nth, Some(&token))?;
    line.waits(Duration::from_millis(100))?;
    let until = now() + random.ms(300..15_000);
    let query = format!(
        "subscription Chat($key: String!, $after: String) {{ chat(widgetKey: $key, after: $after) {{ \
         talk: chat {{ {FIELDS} }} {MESSAGES} cursor isReset }} }}"
    );
    while !world.is_over() && !life.is_over.load(Ordering::SeqCst) {
        if now() > until && !world.is_stopped() {
            world.counts.cuts.add(1);
            line.cut();
            return Ok(());
        }
        for said in line.hear(received)?.0 {
            match said {
                Said::Ready => {
                    let cursor = locked(&life.replica).cursor.clone();
                    world.counts.resumes.add(usize::from(cursor.is_some()));
                    let cursor = if world.inject == Inject::OldCursor { first.clone() } else { cursor };
                    let variables = json!({ "key": world.widget_key(life.account), "after": cursor });
                    line.subscribe(1, &query, &variables)?;
                }
                Said::Item(_, payload) => {
                    let item = world.item(&payload, "chat")?;
                    first.get_or_insert_with(|| item["cursor"].as_str().unwrap_or_default().to_owned());
                    world.counts.items.add(1);
                    let mut replica = locked(&life.replica);
                    if world.inject == Inject::Skip && random.percent(5) && !replica.talks.is_empty() {
                        replica.cursor = item["cursor"].as_str().map(str::to_owned);
                        continue;
                    }
                    replica.apply(item, &life.tag, &mut world.verdict());
                }
                Said::Failed(_, payload) => return Err(world.failed(&payload)),
                Said::Ended(_) => return Err(Gone("the subscription ended".to_owned())),
            }
        }
    }
    Ok(())
}
