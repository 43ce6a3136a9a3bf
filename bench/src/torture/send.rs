//! Requests that may be cut, and sends that are repeated with the same id until they are answered.

use std::{io::Write as _, net::SocketAddr, thread, time::Duration};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{Inject, World, verdict::Fault};
use crate::{
    ask,
    clock::now,
    random::Random,
    wire::{Received, connect},
};

/// A client asks again after this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// When the client's connection fails.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Never,
    /// After a part of the request.
    Within,
    /// So long after the request, whether or not it is answered by then.
    After(Duration),
}

/// Who sends: a token, and the number of an address of this machine.
#[derive(Clone, Debug)]
pub struct Caller {
    pub token: String,
    pub nth: usize,
}

/// A message that a client wanted to send.
#[derive(Clone, Debug)]
pub struct Sent {
    pub client_id: String,
    pub text: String,
    pub author: &'static str,
    pub issued: Duration,
    pub attempts: usize,
    pub end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It is stored, as the `sequence` of a conversation. Null fields: the client did not see them.
    Acknowledged {
        at: Duration,
        talk: Option<String>,
        sequence: Option<i32>,
    },
    Refused(String),
    /// The run ended before.
    Unanswered,
}

/// Sends one request.
fn post(server: SocketAddr, caller: &Caller, body: &str, cut: Cut) -> anyhow::Result<Value> {
    let stream = connect(server, caller.nth, true)?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        caller.token,
        body.len()
    );
    let part = if matches!(cut, Cut::Within) { request.len() - body.len() / 2 } else { request.len() };
    (&stream).write_all(&request.as_bytes()[..part])?;
    if !matches!(cut, Cut::Never) {
        if let Cut::After(time) = cut {
            thread::sleep(time);
        }
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        anyhow::bail!("the connection was cut");
    }
    let (mut received, mut bytes) = (Received::default(), Vec::new());
    loop {
        let (more, _) = received.read(&stream)?;
        anyhow::ensure!(!more.is_empty(), "the server closed the connection");
        bytes.extend_from_slice(more);
        if let Some((_, body)) = ask::whole(&bytes)? {
            return serde_json::from_slice(&body).context("an answer in JSON");
        }
    }
}

/// The result of a request.
#[derive(Debug)]
enum Answer {
    Data(Value),
    /// None, or the server could not, now: the client asks again.
    Failed,
    /// An error that is never right, whatever happens to servers.
    Wrong,
}

fn is_wrong(error: &Value) -> bool {
    error["extensions"]["code"].as_str().is_none_or(|code| {
        matches!(code, "BAD_USER_INPUT" | "FORBIDDEN" | "NOT_FOUND" | "UNAUTHENTICATED" | "RESPONSE_TOO_LARGE")
    })
}

impl World {
    /// Asks any server, once. `None` without an answer.
    pub fn ask(&self, random: &mut Random, caller: &Caller, query: &str, variables: &Value) -> Option<Value> {
        match self.ask_cut(random, caller, query, variables, Cut::Never) {
            Answer::Data(data) => Some(data),
            Answer::Failed | Answer::Wrong => None,
        }
    }

    fn ask_cut(&self, random: &mut Random, caller: &Caller, query: &str, variables: &Value, cut: Cut) -> Answer {
        let server = self.server(random);
        let body = json!({ "query": query, "variables": variables }).to_string();
        let Ok(mut answer) = post(server, caller, &body, cut) else { return Answer::Failed };
        let Some(errors) = answer["errors"].as_array() else { return Answer::Data(answer["data"].take()) };
        let Some(error) = errors.iter().find(|error| is_wrong(error)) else { return Answer::Failed };
        self.found(Fault::Broken, || format!("{query} {variables} was answered with {error}"));
        Answer::Wrong
    }

    /// Runs a mutation with the alias `done`, up to three times. Returns its payload, if it was
    /// answered and not refused. It may have been executed without an answer.
    pub fn act(&self, random: &mut Random, caller: &Caller, mutation: &str, variables: &Value) -> Option<Value> {
        for _ in 0..3 {
            let cut = self.cut(random);
            match self.ask_cut(random, caller, mutation, variables, cut) {
                Answer::Data(mut data) => {
                    let payload = data["done"].take();
                    return self.is_granted(&payload).then_some(payload);
                }
                Answer::Wrong => return None,
                Answer::Failed => {}
            }
            thread::sleep(random.ms(20..200));
        }
        None
    }

    /// Whether a payload has no user errors. Those that such a load causes are expected.
    fn is_granted(&self, payload: &Value) -> bool {
        let refusals = refusals(payload);
        for refusal in &refusals {
            let is_expected = matches!(
                *refusal,
                "ConversationClosed" | "NewerConversation" | "NewerMessages" | "OperatorInactive" | "SeatLimitReached"
            );
            if !is_expected {
                self.found(Fault::Broken, || format!("refused: {payload}"));
            }
        }
        refusals.is_empty()
    }

    /// Sends a message by a mutation with the alias `done`, as often as it takes to get an answer.
    pub fn deliver(
        &self,
        random: &mut Random,
        caller: &Caller,
        mut sent: Sent,
        document: &str,
        mut input: Value,
    ) -> Sent {
        sent.issued = now();
        while sent.end == End::Unanswered && now() < self.gives_up() {
            if sent.attempts > 0 {
                match self.inject {
                    Inject::NoRepeat => sent.end = End::Acknowledged { at: now(), talk: None, sequence: None },
                    Inject::NewId => sent.client_id = new_id(random),
                    _ => {}
                }
                if sent.end != End::Unanswered {
                    break;
                }
                self.counts.repeats.add(1);
                thread::sleep(random.ms(20..200));
            }
            sent.attempts += 1;
            input["clientMessageId"] = json!(sent.client_id);
            let cut = self.cut(random);
            let variables = json!({ "input": input });
            match self.ask_cut(random, caller, document, &variables, cut) {
                Answer::Data(mut data) => sent.end = self.answered(&sent, &data["done"].take()),
                Answer::Wrong => sent.end = End::Refused("an error".to_owned()),
                Answer::Failed => {}
            }
        }
        if sent.end == End::Unanswered {
            self.found(Fault::Late, || format!("no answer to {sent:?}"));
        }
        self.note_sent(sent.clone());
        sent
    }

    fn answered(&self, sent: &Sent, payload: &Value) -> End {
        let message = &payload["message"];
        if !self.is_granted(payload) {
            return End::Refused(refusals(payload).join(", "));
        }
        if message["clientMessageId"] != sent.client_id || message["text"] != sent.text {
            self.found(Fault::Foreign, || format!("the answer to {sent:?} is {payload}"));
        }
        let sequence = message["sequence"].as_i64().and_then(|sequence| i32::try_from(sequence).ok());
        let talk = payload["talk"]["id"].as_str().map(str::to_owned);
        if sequence.is_none() || talk.is_none() {
            self.found(Fault::Broken, || format!("an answer without message or conversation: {payload}"));
        }
        End::Acknowledged { at: now(), talk, sequence }
    }

    /// A few of the connections fail, at every point of an operation.
    fn cut(&self, random: &mut Random) -> Cut {
        if self.is_stopped() {
            return Cut::Never;
        }
        match random.below(100) {
            0..3 => Cut::Within,
            3..18 => Cut::After(random.ms(0..60)),
            _ => return Cut::Never,
        }
        .counted(self)
    }
}

impl Cut {
    fn counted(self, world: &World) -> Self {
        world.counts.cuts.add(1);
        self
    }
}

fn refusals(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().filter_map(|error| error["__typename"].as_str()).collect()
}

/// An id of a send, such as a client makes.
#[must_use]
pub fn new_id(random: &mut Random) -> String {
    format!("{:016x}{:016x}", random.number(), random.number())
}
