//! Both sides of a chat: a [`Visitor`] of a website, and what an operator does in a conversation.

use std::sync::atomic::{AtomicU32, Ordering};

use deskbell::{access::identity, conversation::queries as conversations, graphql::id, visitor::queries as visitors};
use serde_json::{Value, json};

use super::{Account, Answer, Person, TestApp, visitors_token};

/// What a story selects of a conversation, without typing and presence.
const CONVERSATION: &str = "fragment Talk on Conversation {
    id status closedBy startedAt closedAt waitingSince lastSequence unreadCount readUpTo readByVisitorUpTo
    visitor { id name email } assignee { id name } participants { id name } lastMessage { ...Line } page { url title referrer }
}";
const MESSAGE: &str =
    "fragment Line on Message { sequence clientMessageId author operator { id name } text event sentAt }";
const NOTE: &str = "fragment Remark on Note { id operator { id name } text createdAt }";
const CHAT: &str = "fragment Talk on Chat {
    id status closedBy startedAt lastSequence unreadCount readUpTo readByOperatorUpTo
    operators { id publicName description photoUrl } visitor { name email }
}";
const CHAT_MESSAGE: &str = "fragment Line on ChatMessage {
    sequence clientMessageId author operator { id publicName description photoUrl } text event sentAt
}";
const ERRORS: &str = "userErrors { __typename message path ... on InvalidInput { reason limit }
    ... on TooManyAttempts { retryAfterSeconds }";
const OPERATORS_ERRORS: &str =
    "... on NewerMessages { messages { ...Line } } ... on NewerConversation { conversation { id } }";

/// Appends the fragments that a document of an operator uses.
pub fn as_operator(document: &str) -> String {
    with_fragments(document, &[CONVERSATION, NOTE, MESSAGE])
}

/// Appends the fragments that a document of a visitor uses.
pub fn as_visitor(document: &str) -> String {
    with_fragments(document, &[CHAT, CHAT_MESSAGE])
}

fn with_fragments(document: &str, fragments: &[&str]) -> String {
    let mut whole = document.to_owned();
    for fragment in fragments {
        let name = fragment.split_whitespace().nth(1).expect("a name");
        if whole.contains(&format!("...{name}")) {
            whole.push_str(fragment);
        }
    }
    whole
}

/// Something that a person writes only once.
fn unique(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{what} {}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A visitor of one account's website: a token that the browser made, and the website's key.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub person: Person,
    pub widget_key: String,
}

impl Visitor {
    /// A visitor who has not written.
    pub fn of(account: &Account) -> Self {
        let person = account.owner.server().anonymous().with_token(&visitors_token());
        Self { person, widget_key: account.widget_key.clone() }
    }

    /// The holder of the same token on another account's website.
    #[must_use]
    pub fn at(&self, account: &Account) -> Self {
        Self { person: self.person.clone(), widget_key: account.widget_key.clone() }
    }

    /// The same visitor, as a caller with another token or without one.
    #[must_use]
    pub fn as_caller(&self, person: Person) -> Self {
        Self { person, widget_key: self.widget_key.clone() }
    }

    /// Runs a mutation with its usual selection.
    pub async fn does(&self, name: &str, input: Value) -> Answer {
        let mut input = input;
        input["widgetKey"] = json!(self.widget_key);
        let selection = match name {
            "setChatTyping" => "",
            "sendChatMessage" => "message { ...Line } chat { ...Talk }",
            _ => "chat { ...Talk }",
        };
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let document = format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} {ERRORS} }} }} }}");
        self.person.run(&as_visitor(&document), json!({ "input": input })).await
    }

    /// Sends a message with its own id.
    pub async fn writes(&self, text: &str) -> Answer {
        self.sends(&unique("visitor's message"), text).await
    }

    /// Sends a message with this id.
    pub async fn sends(&self, id: &str, text: &str) -> Answer {
        self.does("sendChatMessage", json!({ "clientMessageId": id, "text": text })).await
    }

    pub async fn reads_up_to(&self, sequence: i64) -> Answer {
        self.does("markChatRead", json!({ "upTo": sequence })).await
    }

    pub async fn closes(&self) -> Answer {
        self.does("closeChat", json!({})).await
    }

    /// The chat without its messages; null if there is none.
    pub async fn chat(&self) -> Value {
        let document = as_visitor("query($key: String!) { chat(widgetKey: $key) { ...Talk } }");
        self.person.run(&document, json!({ "key": self.widget_key })).await.at("chat").clone()
    }

    /// All messages, read page by page.
    pub async fn messages(&self) -> Vec<Value> {
        let document = as_visitor(
            "query($key: String!, $before: Int) { chat(widgetKey: $key) { messages(last: 100, before: $before) { ...Line } } }",
        );
        pages(async |before| {
            let page = self.person.run(&document, json!({ "key": self.widget_key, "before": before })).await;
            page.at("chat.messages").as_array().expect("a list").clone()
        })
        .await
    }

    /// All messages as lines.
    pub async fn log(&self) -> Vec<String> {
        self.messages().await.iter().map(line).collect()
    }

    /// The conversation that the visitor is in, by its global id for operators.
    pub async fn db_conversation(&self, app: &TestApp, account: &Account) -> String {
        let token = self.person.token.as_deref().expect("a visitor has a token");
        let holder = identity::Visitor::of(token).expect("a visitor's token");
        let db = app.app().db();
        let visitor = visitors::find_by_token(db, account.db_key(), &holder).await.expect("read");
        let visitor = visitor.expect("the visitor has written");
        let latest = conversations::find_latest(db, account.db_key(), visitor.id).await.expect("read");
        id::conversation(latest.expect("a conversation").id).0
    }
}

/// What an operator does in conversations, which are named by their global ids.
impl Person {
    /// Runs a mutation about a conversation, with its usual selection.
    pub async fn chats(&self, name: &str, input: Value) -> Answer {
        let selection = match name {
            "setTyping" => "",
            "sendMessage" => "message { ...Line } conversation { ...Talk }",
            "addNote" => "note { ...Remark }",
            "blockVisitor" | "unblockVisitor" => "visitor { id name }",
            _ => "conversation { ...Talk }",
        };
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let document = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} {ERRORS} {OPERATORS_ERRORS} }} }} }}"
        );
        self.run(&as_operator(&document), json!({ "input": input })).await
    }

    pub async fn joins(&self, talk: &str) -> Answer {
        self.chats("joinConversation", json!({ "conversationId": talk })).await
    }

    pub async fn leaves(&self, talk: &str) -> Answer {
        self.chats("leaveConversation", json!({ "conversationId": talk })).await
    }

    pub async fn assigns(&self, talk: &str, whom: &Self) -> Answer {
        self.chats("assignConversation", json!({ "conversationId": talk, "operatorId": whom.id })).await
    }

    pub async fn returns(&self, talk: &str) -> Answer {
        self.chats("assignConversation", json!({ "conversationId": talk, "operatorId": null })).await
    }

    /// Sends a message with its own id.
    pub async fn answers(&self, talk: &str, text: &str) -> Answer {
        self.answers_as(talk, &unique("operator's message"), text).await
    }

    /// Sends a message with this id.
    pub async fn answers_as(&self, talk: &str, id: &str, text: &str) -> Answer {
        let input = json!({ "conversationId": talk, "clientMessageId": id, "text": text });
        self.chats("sendMessage", input).await
    }

    pub async fn notes(&self, talk: &str, text: &str) -> Answer {
        self.chats("addNote", json!({ "conversationId": talk, "text": text })).await
    }

    pub async fn marks_read(&self, talk: &str, sequence: i64) -> Answer {
        self.chats("markConversationRead", json!({ "conversationId": talk, "upTo": sequence })).await
    }

    pub async fn closes(&self, talk: &str) -> Answer {
        self.chats("closeConversation", json!({ "conversationId": talk })).await
    }

    pub async fn reopens(&self, talk: &str) -> Answer {
        self.chats("reopenConversation", json!({ "conversationId": talk })).await
    }

    /// A conversation without its messages.
    pub async fn talk(&self, talk: &str) -> Value {
        let document = as_operator("query($id: ID!) { node(id: $id) { ... on Conversation { ...Talk } } }");
        self.run(&document, json!({ "id": talk })).await.at("node").clone()
    }

    /// All messages of a conversation, read page by page.
    pub async fn messages_of(&self, talk: &str) -> Vec<Value> {
        let document = as_operator(
            "query($id: ID!, $before: Int) { node(id: $id) { ... on Conversation { messages(last: 100, before: $before) { ...Line } } } }",
        );
        pages(async |before| {
            let page = self.run(&document, json!({ "id": talk, "before": before })).await;
            page.at("node.messages").as_array().expect("a list").clone()
        })
        .await
    }

    /// The latest 100 notes of a conversation.
    pub async fn notes_of(&self, talk: &str) -> Vec<Value> {
        let document =
            as_operator("query($id: ID!) { node(id: $id) { ... on Conversation { notes(last: 100) { ...Remark } } } }");
        let read = self.run(&document, json!({ "id": talk })).await;
        read.at("node.notes").as_array().expect("a list").clone()
    }

    /// All messages of a conversation as lines.
    pub async fn log_of(&self, talk: &str) -> Vec<String> {
        self.messages_of(talk).await.iter().map(line).collect()
    }

    /// A conversation as one line: see [`shape`].
    pub async fn shape_of(&self, talk: &str) -> String {
        shape(&self.talk(talk).await)
    }
}

/// Reads the pages of a log, from the last one to the first, and checks that its sequences are
/// 1, 2, 3 and so on.
async fn pages(mut page: impl AsyncFnMut(Option<i64>) -> Vec<Value>) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let mut earlier = page(all.first().map(sequence)).await;
        if earlier.is_empty() {
            break;
        }
        earlier.append(&mut all);
        all = earlier;
    }
    let sequences: Vec<_> = all.iter().map(sequence).collect();
    let expected: Vec<_> = (1..).take(all.len()).collect();
    assert_eq!(sequences, expected, "{all:#?}");
    all
}

pub fn sequence(message: &Value) -> i64 {
    message["sequence"].as_i64().unwrap_or_else(|| panic!("no sequence in {message:#}"))
}

fn name(operator: &Value) -> &str {
    operator["name"].as_str().or(operator["publicName"].as_str()).unwrap_or_else(|| panic!("no name in {operator:#}"))
}

/// A message as a line: `visitor: Hello`, `ada: Hi`, `ada joined`, `closed`.
pub fn line(message: &Value) -> String {
    let operator = message["operator"].is_object().then(|| name(&message["operator"]));
    let text = message["text"].as_str();
    match (message["author"].as_str(), operator, text, message["event"].as_str()) {
        (Some("VISITOR"), None, Some(text), None) => format!("visitor: {text}"),
        (Some("OPERATOR"), Some(name), Some(text), None) => format!("{name}: {text}"),
        (Some("SYSTEM"), Some(name), None, Some("OPERATOR_JOINED")) => format!("{name} joined"),
        (Some("SYSTEM"), Some(name), None, Some("OPERATOR_LEFT")) => format!("{name} left"),
        (Some("SYSTEM"), None, None, Some("CLOSED")) => "closed".to_owned(),
        (Some("SYSTEM"), None, None, Some("REOPENED")) => "reopened".to_owned(),
        _ => panic!("not a message: {message:#}"),
    }
}

/// A conversation as operators see it, or a chat as the visitor sees it, as a line: the status, the
/// operators who take part, and whether the visitor waits. Operators see the assignee with a star,
/// or in brackets if the assignee does not take part: `OPEN ada* bob waits`.
pub fn shape(talk: &Value) -> String {
    let mut words = vec![talk["status"].as_str().unwrap_or_else(|| panic!("no status in {talk:#}")).to_owned()];
    if let Some(by) = talk["closedBy"].as_str() {
        words.push(format!("by {by}"));
    }
    let people = talk["participants"].as_array().or(talk["operators"].as_array()).expect("a list of people");
    let assignee = &talk["assignee"];
    let mut names: Vec<_> = people
        .iter()
        .map(|person| format!("{}{}", name(person), if person["id"] == assignee["id"] { "*" } else { "" }))
        .collect();
    names.sort();
    if assignee.is_object() && !people.iter().any(|person| person["id"] == assignee["id"]) {
        words.push(format!("({})", name(assignee)));
    }
    words.append(&mut names);
    if talk["waitingSince"].is_string() {
        words.push("waits".to_owned());
    }
    words.join(" ")
}
