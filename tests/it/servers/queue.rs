//! What servers share apart from changes: the mail queue, and the limits on password guesses.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::timeout;

use crate::support::{
    eventually,
    servers::{Company, Servers, db_rows},
    smtp::SmtpSink,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn each_mail_is_sent_once_however_many_servers_work_the_queue() {
    let mut relay = SmtpSink::start().await;
    let url = relay.url();
    let servers = Servers::start(3, &[("SMTP_URL", &url)]).await;
    let acme = Company::new(&servers, "acme", 2, 0).await;
    let expected: Vec<_> = (0..90).map(|number| format!("operator{number}@acme.example")).collect();

    let added = expected.iter().enumerate().map(|(number, email)| {
        let owner = acme.owner.at(servers.at(number % 3));
        async move { owner.does("addOperator", json!({ "name": "New", "email": email })).await.granted() }
    });
    join_all(added).await;

    let db = servers.db();
    eventually("an empty queue", async || db_rows(&db, "SELECT 1 FROM mail").await.expect("rows").is_empty()).await;
    let mut sent = BTreeMap::<String, usize>::new();
    // All sent mails have arrived by now.
    while let Ok(mail) = timeout(Duration::ZERO, relay.next()).await {
        *sent.entry(mail.to).or_default() += 1;
    }
    let once: BTreeMap<_, _> = expected.into_iter().map(|email| (email, 1)).collect();
    assert_eq!(sent, once);
    servers.never_logged(&["ERROR"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn password_guesses_at_three_servers_share_about_one_limit() {
    const GUESSES: usize = 12;
    let servers = Servers::start(3, &[("RATE_LIMITS", "on"), ("RATE_SIGN_IN_CLIENT", "12/1h")]).await;
    let acme = Company::new(&servers, "acme", 2, 0).await;

    let mut judged = 0;
    for number in 0..3 * GUESSES {
        let mut guesser = servers.at(number % 3).anonymous();
        let answer = guesser.signs_in(&acme.owner.email, &format!("wrong-otters-{number}")).await;
        judged += usize::from(!answer.body.to_string().contains("TooManyAttempts"));
    }
    // Servers learn each other's counts a moment later, so each may accept one or two guesses more
    // than one server alone.
    assert!((GUESSES..GUESSES + 6).contains(&judged), "{judged} guesses instead of about {GUESSES}");
}
