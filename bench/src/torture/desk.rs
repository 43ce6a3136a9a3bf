//! Operators: each follows the list of conversations and a few conversations, and acts in them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    World, locked,
    replica::{Replica, tag_of},
    send::{Caller, End, Sent, new_id},
    verdict::Fault,
    visitor::filler,
};
use crate::{
    clock::now,
    line::{Gone, Line, Said},
    random::Random,
    wire::Received,
};

/// The state of a conversation that is compared with what is read afresh.
pub const FIELDS: &str = "id status lastSequence readUpTo readByVisitorUpTo unreadCount closedBy closedAt waitingSince \
     assignee { id } participants { id } visitor { id name } lastMessage { sequence text }";
const SEND: &str = "mutation($input: SendMessageInput!) { done: sendMessage(input: $input) { \
     message { sequence clientMessageId text } talk: conversation { id } userErrors { __typename message } } }";
const LIST: &str = "subscription { conversations(first: 50) { totalCount nodes { \
     id status visitor { name } lastMessage { text } } } }";
const LIST_ID: u32 = 1;
/// Conversations that one operator follows at once: a client follows 20 documents at most.
const FOLLOWED: usize = 8;

/// Short mutations, by field: the type of their input is named after it.
const MUTATIONS: [(&str, &str); 9] = [
    ("markConversationRead", "conversation { id readUpTo }"),
    ("addNote", "note { id }"),
    ("joinConversation", "conversation { id }"),
    ("leaveConversation", "conversation { id }"),
    ("assignConversation", "conversation { id }"),
    ("closeConversation", "conversation { id }"),
    ("reopenConversation", "conversation { id }"),
    ("activateOperator", "operator { id }"),
    ("deactivateOperator", "operator { id } returnedConversations"),
];

fn mutation(field: &str) -> String {
    let (_, selects) = MUTATIONS.iter().find(|(other, _)| *other == field).expect("one of the list");
    let (first, rest) = field.split_at(1);
    let input = format!("{}{rest}Input", first.to_uppercase());
    format!(
        "mutation($input: {input}!) {{ done: {field}(input: $input) {{ {selects} userErrors {{ __typename message }} }} }}"
    )
}

/// A conversation that an operator knows.
#[derive(Debug, Default)]
pub struct Known {
    pub tag: String,
    pub replica: Replica,
    pub is_wanted: bool,
    is_closed: bool,
    /// The number of its subscription, while it has one.
    subscription: Option<u32>,
}

/// One operator.
#[derive(Debug)]
pub struct Desk {
    pub account: usize,
    pub number: usize,
    /// The operator's id in the API.
    pub id: String,
    pub caller: Caller,
    pub known: Mutex<BTreeMap<String, Known>>,
    /// The greatest mark of each conversation that the server acknowledged.
    pub marks: Mutex<HashMap<String, i32>>,
}

impl Desk {
    /// A conversation as the servers have it now; `None` without an answer.
    #[must_use]
    pub fn read(&self, world: &World, random: &mut Random, id: &str) -> Option<Value> {
        let query = format!("query Talk($id: ID!) {{ talk: node(id: $id) {{ ... on Conversation {{ {FIELDS} }} }} }}");
        world.ask(random, &self.caller, &query, &json!({ "id": id })).map(|mut data| data["talk"].take())
    }
}

/// Acts until the world stops.
pub fn act(world: &World, desk: &Desk, mut random: Random) {
    while world.pause(random.ms(60..700)) {
        let talks: Vec<_> = locked(&desk.known)
            .iter()
            .filter(|(_, known)| known.is_wanted && !known.replica.talks.is_empty())
            .map(|(id, known)| (id.clone(), known.tag.clone(), known.replica.talks[0].last()))
            .collect();
        let Some((id, tag, last)) = random.pick(&talks).cloned() else { continue };
        let mut input = json!({ "conversationId": id });
        let field = match random.below(100) {
            0..58 => {
                send(world, desk, &mut random, &id, &tag, last);
                continue;
            }
            58..73 => {
                input["upTo"] = json!(last);
                "markConversationRead"
            }
            73..79 => {
                input["text"] = json!(format!("NOTE {}", filler(&mut random)));
                "addNote"
            }
            79..83 => "joinConversation",
            83..87 => "leaveConversation",
            87..92 => {
                let operators = world.operators(desk.account);
                input["operatorId"] = json!(random.pick(operators).filter(|_| last % 4 != 0));
                "assignConversation"
            }
            92..95 => "closeConversation",
            95..98 => "reopenConversation",
            _ if desk.number == 0 => {
                // The last one loses the seat, and gets it back.
                let last = world.operators(desk.account).last().expect("operators");
                input = json!({ "operatorId": last });
                if random.percent(60) { "activateOperator" } else { "deactivateOperator" }
            }
            _ => continue,
        };
        let payload = world.act(&mut random, &desk.caller, &mutation(field), &json!({ "input": input }));
        if let (Some(payload), "markConversationRead") = (payload, field) {
            if payload["conversation"]["readUpTo"].as_i64().is_none_or(|read| read < i64::from(last)) {
                world.found(Fault::Unread, || format!("operator {} marked {last}: {payload}", desk.id));
            }
            let mut marks = locked(&desk.marks);
            let mark = marks.entry(id).or_default();
            *mark = last.max(*mark);
        }
    }
}

fn send(world: &World, desk: &Desk, random: &mut Random, id: &str, tag: &str, last: i32) {
    let sent = Sent {
        client_id: new_id(random),
        text: format!("{tag}<o{}: {} {}", desk.number, new_id(random), filler(random)),
        author: "OPERATOR",
        issued: now(),
        attempts: 0,
        end: End::Unanswered,
    };
    let mut input = json!({ "conversationId": id, "text": sent.text });
    if random.percent(20) {
        input["ifLastSequence"] = json!(last);
    }
    world.deliver(random, &desk.caller, sent, SEND, input);
}

/// Follows the list and some conversations until the world ends.
pub fn follow(world: &World, desk: &Desk, mut random: Random) {
    let mut follower = Follower { world, desk, numbers: HashMap::new(), next: LIST_ID + 1 };
    let mut received = Received::default();
    while !world.is_over() {
        if let Err(Gone(why)) = follower.follow(&mut random, &mut received) {
            world.counts.note_gone(&why);
        }
        for known in locked(&desk.known).values_mut() {
            known.subscription = None;
        }
        thread::sleep(random.ms(20..300));
    }
}

#[derive(Debug)]
struct Follower<'a> {
    world: &'a World,
    desk: &'a Desk,
    /// The conversation of each subscription.
    numbers: HashMap<u32, String>,
    next: u32,
}

impl Follower<'_> {
    fn follow(&mut self, random: &mut Random, received: &mut Received) -> Result<(), Gone> {
        let world = self.world;
        let mut line = Line::open(world.server(random), self.desk.caller.nth, Some(&self.desk.caller.token))?;
        line.waits(Duration::from_millis(100))?;
        let until = now() + random.ms(300..20_000);
        let mut change = now() + random.ms(500..5_000);
        self.numbers.clear();
        let mut is_ready = false;
        while !world.is_over() {
            if now() > until && !world.is_stopped() {
                world.counts.cuts.add(1);
                line.cut();
                return Ok(());
            }
            for said in line.hear(received)?.0 {
                match said {
                    Said::Ready => {
                        line.subscribe(LIST_ID, LIST, &json!({}))?;
                        is_ready = true;
                    }
                    Said::Item(LIST_ID, payload) => self.list(world.item(&payload, "conversations")?),
                    Said::Item(id, payload) => self.item(id, world.item(&payload, "conversation")?),
                    Said::Failed(_, payload) => return Err(world.failed(&payload)),
                    Said::Ended(id) if self.numbers.contains_key(&id) || id == LIST_ID => {
                        return Err(Gone("the subscription ended".to_owned()));
                    }
                    Said::Ended(_) => {}
                }
            }
            if is_ready {
                if now() > change && !world.is_stopped() {
                    self.drop_one(&line, random)?;
                    change = now() + random.ms(500..5_000);
                }
                self.follow_more(&line, random)?;
            }
        }
        Ok(())
    }

    fn list(&self, list: &Value) {
        self.world.counts.items.add(1);
        let mut known = locked(&self.desk.known);
        for node in list["nodes"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let (id, tag) = (node["id"].as_str().unwrap_or_default(), node["visitor"]["name"].as_str());
            let text = node["lastMessage"]["text"].as_str().unwrap_or_default();
            let account = format!("a{}v", self.desk.account);
            if tag.is_none_or(|tag| tag_of(text) != tag || !tag.starts_with(&account)) {
                self.world.found(Fault::Foreign, || format!("{account}: the list has {node}"));
                continue;
            }
            let one = known.entry(id.to_owned()).or_default();
            tag.unwrap_or_default().clone_into(&mut one.tag);
            one.is_closed = node["status"] == "CLOSED";
        }
    }

    fn item(&self, subscription: u32, item: &Value) {
        let Some(id) = self.numbers.get(&subscription) else { return };
        self.world.counts.items.add(1);
        let mut known = locked(&self.desk.known);
        let known = known.get_mut(id).expect("it was subscribed to");
        if item["talk"]["id"] != **id {
            self.world.found(Fault::Foreign, || format!("{id} brought {item}"));
        }
        known.replica.apply(item, &known.tag, &mut self.world.verdict());
    }

    /// Follows another conversation soon: the cursor of this one is used again much later.
    fn drop_one(&mut self, line: &Line, random: &mut Random) -> Result<(), Gone> {
        let mut known = locked(&self.desk.known);
        let mut wanted: Vec<_> = known.values_mut().filter(|known| known.is_wanted).collect();
        if wanted.len() >= FOLLOWED {
            let one = random.below(wanted.len());
            wanted[one].is_wanted = false;
            if let Some(subscription) = wanted[one].subscription.take() {
                self.numbers.remove(&subscription);
                line.complete(subscription)?;
            }
        }
        Ok(())
    }

    fn follow_more(&mut self, line: &Line, random: &mut Random) -> Result<(), Gone> {
        let mut known = locked(&self.desk.known);
        let wanted = known.values().filter(|known| known.is_wanted).count();
        let mut others: Vec<_> = known.values_mut().filter(|known| !known.is_wanted).collect();
        // Mostly those that go on.
        if others.iter().any(|known| !known.is_closed) && random.percent(80) {
            others.retain(|known| !known.is_closed);
        }
        if wanted < FOLLOWED && !others.is_empty() && !self.world.is_stopped() {
            let one = random.below(others.len());
            others[one].is_wanted = true;
        }
        let query = format!(
            "subscription Talk($id: ID!, $after: String) {{ conversation(id: $id, after: $after) {{ \
             talk: conversation {{ {FIELDS} }} messages {{ sequence clientMessageId author text event }} \
             notes {{ id text }} cursor isReset }} }}"
        );
        for (id, known) in known.iter_mut().filter(|(_, known)| known.is_wanted && known.subscription.is_none()) {
            self.world.counts.resumes.add(usize::from(known.replica.cursor.is_some()));
            line.subscribe(self.next, &query, &json!({ "id": id, "after": known.replica.cursor }))?;
            self.numbers.insert(self.next, id.clone());
            known.subscription = Some(self.next);
            self.next += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutation_has_the_input_that_is_named_after_it() {
        assert_eq!(
            mutation("joinConversation"),
            "mutation($input: JoinConversationInput!) { done: joinConversation(input: $input) { conversation { id } \
             userErrors { __typename message } } }"
        );
    }
}
