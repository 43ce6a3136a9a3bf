//! A conversation over three servers, while they, their broker and their connections fail.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::SOON;
use crate::support::{
    DEADLINE, Person, Replica, Stream,
    chat::Visitor,
    person::Server,
    proxy::Path,
    servers::{Company, Servers, db_rows},
    visitors_token,
};

const WATCH: &str = "subscription($id: ID!) { conversation(id: $id) {
    conversation { isVisitorTyping isVisitorHere } } }";
const CHAT: &str = "subscription($key: String!) { chat(widgetKey: $key) { chat { isOperatorTyping } } }";

impl Visitor {
    fn on(&self, server: Server) -> Self {
        self.as_caller(self.person.at(server))
    }
}

fn visitor(servers: &Servers, acme: &Company) -> Visitor {
    let person = servers.at(0).anonymous().with_token(&visitors_token());
    Visitor { person, widget_key: acme.widget_key.clone() }
}

async fn count(servers: &Servers, table: &str) -> i64 {
    let rows = db_rows(&servers.db(), &format!("SELECT count(*) FROM {table}")).await.expect("the database answers");
    rows[0].try_get_by_index(0).expect("a number")
}

/// The only conversation of the account.
async fn talk(owner: &Person) -> String {
    let list = owner.reads("{ account { conversations { nodes { id } } } }").await;
    list.text("account.conversations.nodes.0.id").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn first_messages_and_repeats_on_three_servers_are_one_conversation() {
    let servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 1, 0).await;
    let vera = visitor(&servers, &acme);

    let firsts = join_all((0..32).map(async |number| vera.on(servers.at(number % 3)).writes("Hello").await)).await;
    let mut sequences: Vec<_> =
        firsts.into_iter().map(|first| first.granted().payload()["message"]["sequence"].as_i64()).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=32).map(Some).collect::<Vec<_>>());
    assert_eq!((count(&servers, "visitor").await, count(&servers, "conversation").await), (1, 1));

    let talk = talk(&acme.owner).await;
    let equal =
        join_all((0..32).map(async |number| vera.on(servers.at(number % 3)).sends("once", "Again").await)).await;
    let answers: Vec<_> = equal.into_iter().map(|answer| answer.granted().payload()["message"].clone()).collect();
    assert!(answers.iter().all(|message| *message == answers[0] && message["sequence"] == 33), "{answers:#?}");
    let owner = |number: usize| acme.owner.at(servers.at(number % 3));
    let equal = join_all((0..32).map(async |number| owner(number).answers_as(&talk, "once", "Yes").await)).await;
    let answers: Vec<_> = equal.into_iter().map(|answer| answer.granted().payload()["message"].clone()).collect();
    assert!(answers.iter().all(|message| *message == answers[0] && message["sequence"] == 35), "{answers:#?}");
    assert_eq!(count(&servers, "message").await, 35, "with the event of the join");
    servers.never_logged(&["ERROR"]);
}

/// Waits until all have everything.
async fn all_have_everything(replicas: &mut [Replica], within: std::time::Duration) {
    let began = Instant::now();
    timeout(within, join_all(replicas.iter_mut().map(Replica::catches_up))).await.expect("in time");
    println!("all have everything after {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn each_side_has_every_message_whatever_fails_between() {
    let mut servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 1, 0).await;
    let vera = visitor(&servers, &acme);
    vera.writes("Hello").await.granted();
    let talk = talk(&acme.owner).await;
    let mut replicas = Vec::new();
    for number in 0..3 {
        replicas.push(vera.on(servers.at(number)).follows().await);
        replicas.push(acme.owner.at(servers.at(number)).follows(&talk).await);
    }
    let says = async |at: Server, text: &str| {
        vera.on(at.clone()).writes(text).await.granted();
        acme.owner.at(at).answers(&talk, text).await.granted();
    };

    for number in 0..3 {
        says(servers.at(number), "Over the broker").await;
    }
    all_have_everything(&mut replicas, SOON).await;
    servers.path(2, Path::Cut);
    says(servers.at(0), "Past the server that is cut off").await;
    says(servers.at(2), "From the server that is cut off").await;
    all_have_everything(&mut replicas, DEADLINE).await;
    servers.path(2, Path::Open);
    servers.broker.kill();
    for number in 0..3 {
        // It compares what is followed every second.
        servers.is_cut_off(number).await;
    }
    for number in 0..3 {
        says(servers.at(number), "Without the broker").await;
    }
    all_have_everything(&mut replicas, SOON).await;
    servers.broker.restart().await;

    servers.kill(1).await;
    vera.on(servers.at(0)).writes("While a server is away").await.granted();
    acme.owner.at(servers.at(2)).answers(&talk, "While a server is away").await.granted();
    for replica in &mut replicas[2..4] {
        replica.is_cut();
    }
    servers.restart(1).await;
    for replica in &mut replicas[2..4] {
        replica.resumes().await;
    }
    all_have_everything(&mut replicas, DEADLINE).await;
    assert!(replicas.iter().all(|replica| replica.resets == 0));
    servers.never_logged(&["ERROR"]);
}

/// Waits for an item in which a field has this value.
async fn shows(stream: &mut Stream, field: &str, value: Value) {
    let began = Instant::now();
    stream.until(|item| *item.at(field) == value).await;
    println!("{field} is {value} after {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn who_types_and_who_is_here_is_known_on_every_server() {
    const HERE: &str = "conversation.conversation.isVisitorHere";
    const TYPES: &str = "conversation.conversation.isVisitorTyping";
    let mut servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 1, 0).await;
    let vera = visitor(&servers, &acme);
    vera.writes("Hello").await.granted();
    let talk = talk(&acme.owner).await;
    let follows = async |number: usize| acme.owner.at(servers.at(number)).watches(WATCH, json!({ "id": talk })).await;

    // Who comes, and who asks when the visitor is there already.
    let mut on_two = follows(2).await;
    let key = json!({ "key": acme.widget_key });
    let mut chat = vera.on(servers.at(0)).person.watches(CHAT, key.clone()).await;
    let other_tab = vera.on(servers.at(1)).person.watches(CHAT, key).await;
    shows(&mut on_two, HERE, json!(true)).await;
    let mut on_one = follows(1).await;
    shows(&mut on_one, HERE, json!(true)).await;

    // Typing, from a server where neither follows.
    let types = |is_typing: bool| json!({ "widgetKey": acme.widget_key, "isTyping": is_typing });
    let on_one_vera = vera.on(servers.at(1));
    on_one_vera.person.does("setChatTyping", types(true)).await.granted();
    shows(&mut on_two, TYPES, json!(true)).await;
    on_one_vera.person.does("setChatTyping", types(false)).await.granted();
    shows(&mut on_two, TYPES, json!(false)).await;
    let typing = json!({ "conversationId": talk, "isTyping": true });
    acme.owner.at(servers.at(2)).does("setTyping", typing).await.granted();
    shows(&mut chat, "chat.chat.isOperatorTyping", json!(true)).await;
    // It ends with the last subscription of the operator on that server, or after 6 s.
    shows(&mut chat, "chat.chat.isOperatorTyping", json!(false)).await;

    // One page goes, and the other stays on a server that is killed.
    drop(other_tab);
    servers.kill(0).await;
    shows(&mut on_two, HERE, json!(false)).await;
    shows(&mut on_one, HERE, json!(false)).await;
    servers.never_logged(&["ERROR"]);
}
