//! `deskbell demo`: who answers what visitors write on its website.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{
    Person, Stream,
    chat::{Visitor, as_visitor, line},
    person::Server,
    process::{Folder, Program},
    visitors_token,
};

/// A running demo. Its folders are deleted with it.
struct Demo {
    program: Program,
    server: Server,
    widget_key: String,
    _folder: Folder,
}

impl Demo {
    async fn start() -> Self {
        let folder = Folder::new();
        let program = Program::spawn(folder.command(&["demo", "--listen", "127.0.0.1:0"], &[]), "");
        let printed = program.prints("all have the same password.").await;
        let after = |label: &str| {
            let line = printed.lines().find_map(|line| line.trim_start().strip_prefix(label));
            line.unwrap_or_else(|| panic!("no {label} in {printed}")).trim()
        };
        let address = after("GraphQL ").trim_start_matches("http://").trim_end_matches("/graphql");
        let server = Server::at(address.parse().expect("an address"));
        Self { server, widget_key: after("Widget key").to_owned(), program, _folder: folder }
    }

    fn visitor(&self) -> Visitor {
        let person = self.server.anonymous().with_token(&visitors_token());
        Visitor { person, widget_key: self.widget_key.clone() }
    }

    async fn signs_in(&self, name: &str) -> Person {
        let mut person = self.server.anonymous();
        person.signs_in(&format!("{name}@acme.example"), "correct-horse-desk-bell").await.granted();
        person
    }
}

/// Writes on a page of the demo's server.
async fn writes_on(visitor: &Visitor, path: &str, text: &str) {
    let page = json!({ "url": visitor.person.server().url(path) });
    let input = json!({ "clientMessageId": text, "text": text, "page": page });
    visitor.does("sendChatMessage", input).await.granted();
}

/// What a visitor has received of a chat.
#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    /// Values of `readByOperatorUpTo` before the last line.
    read_up_to: BTreeSet<i64>,
    typing: bool,
}

impl Seen {
    /// Takes items until the log has so many messages.
    async fn until(&mut self, stream: &mut Stream, count: usize) {
        while self.lines.len() < count {
            let item = stream.next().await;
            let chat = item.at("chat.chat");
            self.typing |= chat["isOperatorTyping"] == json!(true);
            self.read_up_to.extend(chat["readByOperatorUpTo"].as_i64());
            self.lines.extend(item.at("chat.messages").as_array().expect("a list").iter().map(line));
        }
    }
}

async fn follows(visitor: &Visitor) -> Stream {
    let document = as_visitor(
        "subscription($key: String!) { chat(widgetKey: $key) {
            chat { readByOperatorUpTo isOperatorTyping } messages { ...Line } } }",
    );
    visitor.person.watches(&document, json!({ "key": visitor.widget_key })).await
}

/// Replaces the texts of operators, apart from what each must say.
fn outline(lines: &[String]) -> Vec<String> {
    let shorten = |line: &String| match line.split_once(": ") {
        Some((name, text)) if name != "visitor" => {
            assert!(text.contains("demo") && text.contains("automatic answer"), "{line}");
            format!("{name} answers")
        }
        _ => line.clone(),
    };
    lines.iter().map(shorten).collect()
}

#[tokio::test]
async fn who_writes_on_the_demos_website_is_answered_once_for_each_burst() {
    let demo = Demo::start().await;
    let (vera, other) = (demo.visitor(), demo.visitor());
    // As the examples of the README do, which answer as an operator.
    other.writes("Do you ship to Norway?").await.granted();
    for text in ["Hello", "I look for a lamp", "A green one"] {
        writes_on(&vera, "/demo?utm_source=mail", text).await;
    }
    let (mut stream, mut seen) = (follows(&vera).await, Seen::default());
    seen.until(&mut stream, 5).await;
    assert_eq!(
        outline(&seen.lines),
        [
            "visitor: Hello",
            "visitor: I look for a lamp",
            "visitor: A green one",
            "Ada Lovelace joined",
            "Ada Lovelace answers"
        ]
    );
    assert!(seen.typing, "the visitor sees that Ada types");
    assert!(seen.read_up_to.contains(&3), "the visitor sees what Ada has read: {:?}", seen.read_up_to);

    writes_on(&vera, "/demo", "Thank you").await;
    seen.until(&mut stream, 7).await;
    assert_eq!(outline(&seen.lines[5..]), ["visitor: Thank you", "Ada Lovelace answers"]);
    assert_ne!(seen.lines[4], seen.lines[6], "the second answer differs");
    assert_eq!(other.log().await, ["visitor: Do you ship to Norway?"]);
}

#[tokio::test]
async fn the_demo_answers_who_waited_as_soon_as_an_operator_is_active() {
    let demo = Demo::start().await;
    let (ada, bob) = (demo.signs_in("ada").await, demo.signs_in("bob").await);
    ada.deactivates(&bob).await.granted();
    ada.deactivates(&ada).await.granted();
    let (vera, mut seen) = (demo.visitor(), Seen::default());
    writes_on(&vera, "/demo", "Is anybody here?").await;
    let mut stream = follows(&vera).await;
    seen.until(&mut stream, 1).await;
    assert!(!seen.typing && seen.read_up_to.iter().all(|sequence| *sequence == 0), "{:?}", seen.read_up_to);

    ada.activates(&bob).await.granted();
    seen.until(&mut stream, 3).await;
    assert_eq!(outline(&seen.lines), ["visitor: Is anybody here?", "Bob joined", "Bob answers"]);

    // Ada was added first, but Bob has joined.
    ada.activates(&ada).await.granted();
    writes_on(&vera, "/demo", "Hello Bob").await;
    seen.until(&mut stream, 5).await;
    assert_eq!(outline(&seen.lines[3..]), ["visitor: Hello Bob", "Bob answers"]);

    // It stops in the middle of an answer.
    seen.typing = false;
    writes_on(&vera, "/demo", "One more").await;
    seen.until(&mut stream, 6).await;
    while !seen.typing {
        seen.typing = stream.next().await.at("chat.chat")["isOperatorTyping"] == json!(true);
    }
    demo.program.signal("TERM");
    let ended = demo.program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    for word in [" WARN ", " ERROR "] {
        assert!(!ended.stderr.contains(word), "{ended:?}");
    }
}
