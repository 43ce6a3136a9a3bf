//! What a message, a note, a profile and a page may contain, and what is kept of it.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Answer, Person, TestApp, chat::Visitor};

/// Who writes a text.
#[derive(Clone, Copy, Debug)]
enum Kind {
    VisitorsMessage,
    OperatorsMessage,
    Note,
}

const KINDS: [Kind; 3] = [Kind::VisitorsMessage, Kind::OperatorsMessage, Kind::Note];

impl Scene {
    async fn write(&self, kind: Kind, text: &str) -> Answer {
        match kind {
            Kind::VisitorsMessage => self.vera.writes(text).await,
            Kind::OperatorsMessage => self.ada.answers(&self.talk, text).await,
            Kind::Note => self.ada.notes(&self.talk, text).await,
        }
    }
}

fn text(answer: &Answer) -> &Value {
    let payload = answer.payload();
    if payload["note"].is_object() { &payload["note"]["text"] } else { &payload["message"]["text"] }
}

/// Texts, and what is kept of them.
fn kept() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = [
        ("a", "a"),
        ("  a\t\n ", "  a\t\n "),
        ("a\r\nb\rc\n\r", "a\nb\nc\n\n"),
        ("e\u{301}", "\u{e9}"),
        ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"),
        // Joiners, zero-width space, marks of direction, variation selectors.
        ("a\u{200b}\u{200c}\u{200d}b", "a\u{200b}\u{200c}\u{200d}b"),
        ("\u{5d0}\u{200e}\u{200f}a", "\u{5d0}\u{200e}\u{200f}a"),
        ("\u{2764}\u{fe0f} \u{1f469}\u{200d}\u{1f4bb}", "\u{2764}\u{fe0f} \u{1f469}\u{200d}\u{1f4bb}"),
        ("<b>\"'&</b> ${x} %s \\", "<b>\"'&</b> ${x} %s \\"),
        ("'; DROP TABLE message; --", "'; DROP TABLE message; --"),
        ("\u{fffd}\u{ffff}\u{10ffff}\u{feff}", "\u{fffd}\u{ffff}\u{10ffff}\u{feff}"),
    ]
    .map(|(typed, kept)| (typed.to_owned(), kept.to_owned()))
    .to_vec();
    // The length is counted in code points, after composition and after line ends were unified.
    all.push(("\u{1f9a6}".repeat(4_000), "\u{1f9a6}".repeat(4_000)));
    all.push(("e\u{301}".repeat(4_000), "\u{e9}".repeat(4_000)));
    all.push((format!("{}a", "\r\n".repeat(3_999)), format!("{}a", "\n".repeat(3_999))));
    all
}

fn refused() -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    for blank in ["", " ", "\t\r\n", "\u{a0}\u{3000}\u{2003}"] {
        all.push((blank.to_owned(), "EMPTY"));
    }
    all.push(("a".repeat(4_001), "TOO_LONG"));
    all.push(("a".repeat(50_000), "TOO_LONG"));
    let controls = ('\0'..' ').filter(|c| !"\t\n\r".contains(*c)).chain('\u{7f}'..='\u{9f}');
    let overrides = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{206f}');
    for forbidden in controls.chain(['\u{2028}', '\u{2029}']).chain(overrides) {
        all.push((format!("a{forbidden}b"), "FORBIDDEN_CHARACTER"));
    }
    all
}

#[tokio::test]
async fn texts_are_kept_as_typed_but_for_composition_and_line_ends() {
    let scene = Scene::begin().await;
    for (typed, kept) in kept() {
        for kind in KINDS {
            let answer = scene.write(kind, &typed).await.granted();
            assert_eq!(text(&answer), &json!(kept), "{kind:?}: {typed:?}");
        }
        let seen = scene.vera.messages().await;
        let seen: Vec<_> = seen.iter().rev().filter_map(|message| message["text"].as_str()).take(2).collect();
        assert_eq!(seen, [kept.as_str(), kept.as_str()], "{typed:?}");
    }
}

#[tokio::test]
async fn texts_that_are_blank_too_long_or_control_characters_are_refused() {
    let scene = Scene::begin().await;
    let before = scene.db_row().await;
    for kind in KINDS {
        for (typed, reason) in refused() {
            let answer = scene.write(kind, &typed).await;
            let why = format!("{kind:?}: {:?}", typed.chars().take(9).collect::<String>());
            assert_eq!(answer.faults(), ["text: InvalidInput"], "{why}");
            assert_eq!(answer.user_errors()[0]["reason"], reason, "{why}");
            let limit = if reason == "TOO_LONG" { json!(4_000) } else { Value::Null };
            assert_eq!(answer.user_errors()[0]["limit"], limit, "{why}");
        }
    }
    assert_eq!(scene.db_row().await, before, "nothing is stored");
}

#[tokio::test]
async fn an_id_of_a_send_has_1_to_100_characters_of_any_form() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    for id in ["0", " ", "\0", "\r\n", "e\u{301}", "\u{e9}", "\u{202e}", &"\u{1f9a6}".repeat(100)] {
        let sent = vera.sends(id, "Hi").await.granted();
        assert_eq!(sent.payload()["message"]["clientMessageId"], id, "{id:?}");
        let sent = ada.answers_as(talk, id, "Hi").await.granted();
        assert_eq!(sent.payload()["message"]["clientMessageId"], id, "{id:?}");
    }
    for id in ["", &"x".repeat(101)] {
        let expected = ["clientMessageId: InvalidInput"];
        assert_eq!(vera.sends(id, "Hi").await.faults(), expected);
        assert_eq!(ada.answers_as(talk, id, "Hi").await.faults(), expected);
    }
    // Visitors do not see the ids of operators.
    let all = vera.messages().await;
    let operators: Vec<_> = all.iter().filter(|message| message["author"] == "OPERATOR").collect();
    assert!(operators.len() == 8 && operators.iter().all(|message| message["clientMessageId"].is_null()));
}

/// The name and address of a visitor, as both sides see them.
async fn profile(vera: &Visitor, operator: &Person, talk: &str) -> (Value, Value) {
    let (chat, talk) = (vera.chat().await, operator.talk(talk).await);
    let shown = (chat["visitor"]["name"].clone(), chat["visitor"]["email"].clone());
    assert_eq!(shown, (talk["visitor"]["name"].clone(), talk["visitor"]["email"].clone()));
    shown
}

#[tokio::test]
async fn a_send_sets_name_and_address_and_only_an_update_clears_them() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let mut number = 0;
    let mut sends = async |visitor: Value| {
        number += 1;
        let input = json!({ "clientMessageId": number.to_string(), "text": "Hi", "visitor": visitor });
        vera.does("sendChatMessage", input).await.granted();
        profile(vera, ada, talk).await
    };
    let both = (json!("Vera"), json!("vera@home.example"));

    assert_eq!(sends(json!({ "name": "Vera" })).await, (json!("Vera"), Value::Null));
    assert_eq!(sends(json!({ "email": "vera@home.example" })).await, both);
    for nothing in [json!(null), json!({}), json!({ "name": null }), json!({ "email": null, "name": null })] {
        assert_eq!(sends(nothing).await, both);
    }
    let longest = "\u{1f9a6}".repeat(100);
    assert_eq!(sends(json!({ "name": longest })).await, (json!(longest), both.1.clone()));

    let updates = async |input: Value| {
        vera.does("updateChatVisitor", input).await.granted();
        profile(vera, ada, talk).await
    };
    assert_eq!(updates(json!({ "name": "Vera V." })).await, (json!("Vera V."), both.1.clone()));
    assert_eq!(updates(json!({})).await, (json!("Vera V."), both.1.clone()));
    assert_eq!(updates(json!({ "email": null })).await, (json!("Vera V."), Value::Null));
    assert_eq!(
        updates(json!({ "name": null, "email": "v@home.example" })).await,
        (Value::Null, json!("v@home.example"))
    );
}

#[tokio::test]
async fn a_name_or_address_that_is_not_valid_refuses_the_whole_send() {
    let scene = Scene::begin().await;
    let (vera, walt) = (&scene.vera, Visitor::of(&scene.acme));
    let long_address = format!("{}@home.example", "a".repeat(243));
    assert_eq!(long_address.len(), 256);
    for (visitor, fault) in [
        (json!({ "name": "\u{1f9a6}".repeat(101) }), "name"),
        (json!({ "name": "Ve\u{202e}ra" }), "name"),
        (json!({ "email": long_address }), "email"),
        (json!({ "email": "vera" }), "email"),
    ] {
        let input = json!({ "clientMessageId": "1", "text": "Hi", "visitor": visitor });
        let before = scene.db_row().await;
        for who in [vera, &walt] {
            let answer = who.does("sendChatMessage", input.clone()).await;
            assert_eq!(answer.faults(), [format!("visitor.{fault}: InvalidInput")], "{visitor}");
        }
        let answer = vera.does("updateChatVisitor", visitor.clone()).await;
        assert_eq!(answer.faults(), [format!("{fault}: InvalidInput")], "{visitor}");
        assert_eq!(scene.db_row().await, before, "{visitor}");
        assert_eq!(walt.chat().await, Value::Null, "{visitor}");
    }
}

#[tokio::test]
async fn a_page_is_kept_without_what_is_private_and_never_refuses_a_message() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let mut number = 0;
    let mut sends = async |page: Value| {
        number += 1;
        let input = json!({ "clientMessageId": number.to_string(), "text": "Hi", "page": page });
        vera.does("sendChatMessage", input).await.granted();
        ada.talk(talk).await["page"].clone()
    };
    let page = json!({
        "url": "https://vera:secret@shop.example/cart?token=secret&utm_source=mail#secret",
        "title": " Your cart\n", "referrer": "https://search.example/?q=secret",
    });
    let kept = json!({
        "url": "https://shop.example/cart?utm_source=mail", "title": "Your cart", "referrer": "https://search.example",
    });
    assert_eq!(sends(page).await, kept);
    assert_eq!(sends(json!(null)).await, kept, "the last known page");
    for url in ["javascript:alert(1)", "", "file:///home/vera"] {
        let shown = sends(json!({ "url": url, "title": "Secret" })).await;
        assert!(shown == kept || shown.is_null(), "{url}: {shown}");
    }
    let long = json!({
        "url": format!("https://shop.example/{}", "a".repeat(10_000)), "title": "\u{1f9a6}".repeat(1_000), "referrer": "x",
    });
    let shown = sends(long).await;
    assert_eq!(shown["url"].as_str().map(str::len), Some(512));
    assert_eq!(shown["title"].as_str().map(|title| title.chars().count()), Some(200));
    assert_eq!(shown["referrer"], Value::Null);
}

#[tokio::test]
async fn without_a_chat_all_but_sending_does_nothing() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let vera = Visitor::of(&acme);
    for (name, input) in [
        ("updateChatVisitor", json!({ "name": "Vera", "email": "vera@home.example" })),
        ("markChatRead", json!({ "upTo": 3 })),
        ("closeChat", json!({})),
    ] {
        let answer = vera.does(name, input).await.granted();
        assert!(answer.payload()["chat"].is_null(), "{name}: {:#}", answer.body);
    }
    vera.writes("Hello").await.granted();
    assert_eq!(vera.chat().await["visitor"], json!({ "name": null, "email": null }));
}
