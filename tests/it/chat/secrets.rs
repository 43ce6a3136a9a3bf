//! Nothing that visitors and operators type gets into the log, at any level.

use serde_json::{Value, json};

use crate::support::{
    Person,
    person::Server,
    process::{Folder, Program},
    visitors_token,
};

/// Part of everything that is typed in this story.
const TYPED: &str = "quokka";
const PASSWORD: &str = "seven-otters-juggle-plums";

fn person(program: &Program) -> Person {
    Server::at(program.address()).anonymous()
}

/// Runs an operation, and expects nothing of its answer.
async fn tries(person: &Person, query: &str, variables: Value) -> Value {
    person.run(query, variables).await.body
}

async fn sends(visitor: &Person, key: &str, id: &str, text: &str) -> Value {
    let query = "mutation($input: SendChatMessageInput!) { sendChatMessage(input: $input) {
        chat { id } userErrors { __typename } } }";
    let page = json!({ "url": format!("https://{TYPED}.example/{TYPED}"), "title": TYPED, "referrer": TYPED });
    let about = json!({ "name": TYPED, "email": format!("{TYPED}@shop.example") });
    let input = json!({ "widgetKey": key, "clientMessageId": id, "text": text, "page": page, "visitor": about });
    tries(visitor, query, json!({ "input": input })).await
}

#[tokio::test]
async fn nothing_that_was_typed_gets_into_the_log() {
    let folder = Folder::new();
    let program = folder.serve(&[("LOG", "trace")]).await;
    let session = program.sign_up("ada@acme.example", PASSWORD).await;
    let owner = person(&program).with_token(&session);
    let key =
        owner.reads("{ account { widgetKey } }").await.at("account.widgetKey").as_str().expect("a key").to_owned();
    let token = visitors_token();
    let visitor = person(&program).with_token(&token);

    let first = sends(&visitor, &key, TYPED, TYPED).await;
    let conversation = first["data"]["sendChatMessage"]["chat"]["id"].as_str().expect("it was sent").to_owned();
    let long = format!("{TYPED}{}", "x".repeat(4_000));
    // Reused, refused, and for an unknown account.
    for (key, text) in [(&*key, "quokka again"), (&*key, "quokka\u{7}"), (&*key, &*long), (TYPED, TYPED)] {
        sends(&visitor, key, TYPED, text).await;
    }
    let operators = "mutation($note: AddNoteInput!, $sent: SendMessageInput!) {
        addNote(input: $note) { note { id } userErrors { __typename } }
        sendMessage(input: $sent) { message { sequence } userErrors { __typename } } }";
    for text in [TYPED, "quokka again", "quokka\u{7}"] {
        let note = json!({ "conversationId": conversation, "text": text });
        let sent = json!({ "conversationId": conversation, "text": text, "clientMessageId": TYPED });
        let answer = tries(&owner, operators, json!({ "note": note, "sent": sent })).await;
        assert!(answer["errors"].is_null(), "{answer}");
    }
    // A document with a syntax error, an unknown field and a variable of another type.
    tries(&visitor, &format!("mutation {{ sendChatMessage(input: {{ text: \"{TYPED}\" "), json!({})).await;
    tries(&visitor, &format!("{{ {TYPED}(text: \"{TYPED}\") }}"), json!({})).await;
    tries(&visitor, "query($key: String!) { chat(widgetKey: $key) { id } }", json!({ "key": { TYPED: TYPED } })).await;
    tries(&visitor, "subscription($key: String!) { chat(widgetKey: $key, after: $key) { cursor } }", json!({})).await;
    // A token of a wrong form.
    tries(&person(&program).with_token(&format!("vt_{TYPED}")), "{ viewer { id } }", json!({})).await;

    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.contains("TRACE") || ended.stderr.contains("DEBUG"), "it logs in detail");
    for secret in [TYPED, &token, &token[3..]] {
        let told: Vec<_> = ended.stderr.lines().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{told:#?}");
    }
}
