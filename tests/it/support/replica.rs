//! A replica of a conversation: what one client has, built from the items of its subscription.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    DEADLINE, Person, Stream,
    chat::{Visitor, as_operator, as_visitor, sequence},
};

/// The most messages of the first item without a cursor.
const FIRST_PAGE: usize = 50;

#[derive(Clone, Debug)]
enum Side {
    Visitor(Visitor),
    /// An operator, and the conversation.
    Operator(Person, String),
}

/// What a client shows. It applies messages by their sequence, and fails if one is missing or comes
/// twice.
#[derive(Debug)]
pub struct Replica {
    side: Side,
    /// `None` while the connection is cut.
    stream: Option<Stream>,
    /// The chat or the conversation.
    pub state: Value,
    pub messages: BTreeMap<i64, Value>,
    /// Empty for a visitor.
    pub notes: Vec<Value>,
    pub cursor: Option<String>,
    /// Number of items that told the client to drop what it had.
    pub resets: usize,
}

impl Visitor {
    /// Follows the chat.
    pub async fn follows(&self) -> Replica {
        Replica::of(Side::Visitor(self.clone())).await
    }
}

impl Person {
    /// Follows a conversation.
    pub async fn follows(&self, talk: &str) -> Replica {
        Replica::of(Side::Operator(self.clone(), talk.to_owned())).await
    }
}

impl Replica {
    async fn of(side: Side) -> Self {
        let mut replica = Self {
            side,
            stream: None,
            state: Value::Null,
            messages: BTreeMap::new(),
            notes: Vec::new(),
            cursor: None,
            resets: 0,
        };
        replica.resumes().await;
        replica
    }

    /// The root field, and the field of an item that has the state.
    fn field(&self) -> &'static str {
        match self.side {
            Side::Visitor(_) => "chat",
            Side::Operator(..) => "conversation",
        }
    }

    /// Cuts the connection.
    pub fn is_cut(&mut self) {
        self.stream = None;
    }

    pub fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Subscribes again with the last cursor, and applies the first item.
    pub async fn resumes(&mut self) {
        let after = &self.cursor;
        self.stream = Some(match &self.side {
            Side::Visitor(visitor) => {
                let document = as_visitor(
                    "subscription($key: String!, $after: String) {
                        chat(widgetKey: $key, after: $after) { chat { ...Talk } messages { ...Line } cursor isReset }
                    }",
                );
                visitor.person.watches(&document, json!({ "key": visitor.widget_key, "after": after })).await
            }
            Side::Operator(person, talk) => {
                let document = as_operator(
                    "subscription($id: ID!, $after: String) { conversation(id: $id, after: $after) {
                        conversation { ...Talk } messages { ...Line } notes { ...Remark } cursor isReset
                    } }",
                );
                person.watches(&document, json!({ "id": talk, "after": after })).await
            }
        });
        self.next().await;
    }

    /// Applies the next item, and returns it.
    pub async fn next(&mut self) -> Value {
        let stream = self.stream.as_mut().expect("connected");
        let item = timeout(DEADLINE, stream.item_or_end()).await;
        let item = item.unwrap_or_else(|_| panic!("no item came within {DEADLINE:?}: {self:#?}"));
        let update = item.unwrap_or_else(|code| panic!("closed with {code}")).at(self.field()).clone();
        self.apply(&update);
        update
    }

    fn apply(&mut self, update: &Value) {
        let begins = self.cursor.is_none() || update["isReset"] == true;
        if update["isReset"] == true {
            self.resets += 1;
            self.messages.clear();
            self.notes.clear();
        }
        let state = &update[self.field()];
        let last = state["lastSequence"].as_i64().unwrap_or(0);
        let messages = update["messages"].as_array().expect("a list");
        assert!(messages.len() <= 100, "{} messages in one item", messages.len());
        if begins {
            let page = usize::try_from(last).expect("not negative").min(FIRST_PAGE);
            // Long texts leave no room for another one of 16,000 bytes in the 64 KiB of a page.
            let bytes: usize = messages.iter().filter_map(|message| message["text"].as_str()).map(str::len).sum();
            let is_full = messages.len() < page && (49_537..=65_536).contains(&bytes);
            assert!(messages.len() == page || is_full, "the first item has the latest page: {update:#}");
        }
        for message in messages {
            let number = sequence(message);
            let expected = self.messages.last_key_value().map(|(last, _)| last + 1);
            // Without a message, the client begins with the first or with the latest page.
            let expected =
                expected.unwrap_or(if begins { last - i64::try_from(messages.len()).expect("few") + 1 } else { 1 });
            assert_eq!(number, expected, "a gap or a repetition in {update:#}");
            self.messages.insert(number, message.clone());
        }
        let newest = self.messages.last_key_value().map_or(0, |(last, _)| *last);
        assert!(newest <= last, "the state is older than the messages: {update:#}");
        for note in update["notes"].as_array().into_iter().flatten() {
            assert!(!self.notes.iter().any(|known| known["id"] == note["id"]), "a note came twice: {update:#}");
            self.notes.push(note.clone());
        }
        self.cursor = Some(update["cursor"].as_str().filter(|cursor| !cursor.is_empty()).expect("a cursor").to_owned());
        self.state = state.clone();
    }

    /// What a client reads that has nothing: the state, all messages, and the notes.
    async fn read_afresh(&self) -> (Value, Vec<Value>, Vec<Value>) {
        match &self.side {
            Side::Visitor(visitor) => {
                let chat = visitor.chat().await;
                let messages = if chat.is_null() { Vec::new() } else { visitor.messages().await };
                (chat, messages, Vec::new())
            }
            Side::Operator(person, talk) => {
                (person.talk(talk).await, person.messages_of(talk).await, person.notes_of(talk).await)
            }
        }
    }

    /// Applies items until the replica equals what is read afresh, and fails if it never does.
    /// Nothing may change in the meantime.
    pub async fn catches_up(&mut self) {
        let (state, messages, notes) = self.read_afresh().await;
        loop {
            let known: Vec<_> = self.messages.values().cloned().collect();
            let is_equal = self.state == state && messages.ends_with(&known) && known.is_empty() == messages.is_empty();
            if is_equal && notes.ends_with(&self.notes) && self.notes.is_empty() == notes.is_empty() {
                return;
            }
            let stream = self.stream.as_mut().expect("connected");
            let Ok(item) = timeout(DEADLINE, stream.item_or_end()).await else {
                panic!(
                    "the replica differs from what is read afresh: {:#} {:#?} {:#?}, but read: {state:#} {messages:#?} {notes:#?}",
                    self.state, self.messages, self.notes
                );
            };
            let item = item.unwrap_or_else(|code| panic!("closed with {code}"));
            let update = item.at(self.field()).clone();
            self.apply(&update);
        }
    }
}
