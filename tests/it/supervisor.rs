//! Background tasks that fail are restarted, and monitoring sees it.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deskbell::{
    app::{App, Work},
    config::Config,
    login::{
        letters::Letters,
        rules::{self, NewAccount},
    },
    mail::{
        smtp::Relay,
        transport::Transport,
        worker::{self, Outgoing, Writer},
    },
    password::HashParams,
};
use entity::mail::{self, Language};
use tokio_util::sync::CancellationToken;

use crate::support::{Database, PASSWORD, TestApp, eventually, smtp::SmtpSink};

const ADA: &str = "ada@acme.example";
const BOB: &str = "bob@beta.example";

async fn readiness(app: &TestApp) -> (u16, String) {
    let answer = reqwest::get(format!("{}/readyz", app.url())).await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn a_task_that_was_restarted_is_shown_by_readyz_and_counted() {
    let app = TestApp::start().await;
    assert_eq!(readiness(&app).await, (200, "ready\n".to_owned()));
    let runs = AtomicUsize::new(0);
    let panics_once = || {
        assert!(runs.fetch_add(1, Ordering::Relaxed) > 0, "the first run fails");
        std::future::ready(())
    };
    app.app().supervisor.keep_until_done("sweeper", &CancellationToken::new(), panics_once).await;
    let (status, text) = readiness(&app).await;
    assert_eq!(status, 200);
    assert!(text.starts_with("ready\ntask sweeper: restarted 1 time, last ") && text.ends_with(" s ago\n"), "{text}");
    let metrics = app.app().metrics.render();
    assert!(metrics.contains(r#"deskbell_task_restarts_total{task="sweeper"} 1"#), "{metrics}");
}

/// Panics while it writes the mails of one person, as a faulty template would.
#[derive(Clone, Debug, Default)]
struct Faulty {
    panics: Arc<AtomicUsize>,
}

impl Writer for Faulty {
    async fn write(&self, app: &App, work: &mut Work, mail: &mail::Model) -> anyhow::Result<Option<Outgoing>> {
        if mail.address.as_deref() == Some(ADA) {
            self.panics.fetch_add(1, Ordering::Relaxed);
            panic!("the fault of this story");
        }
        Letters.write(app, work, mail).await
    }
}

#[tokio::test]
async fn a_mail_that_panics_is_deferred_and_keeps_no_worker_from_the_rest() {
    let database = Database::fresh().await;
    let mut config = Config::default();
    config.database.url = database.url();
    config.hashing.params = HashParams { memory_kib: 8, passes: 1, lanes: 1 };
    config.rate_limits.enabled = false;
    // No server runs: the only workers are those of this story.
    let app = App::start(config).await.expect("the database opens");
    let new = NewAccount {
        account_name: "Beta".into(),
        name: "Bob".into(),
        email: BOB.into(),
        password: PASSWORD.into(),
        language: Language::En,
    };
    rules::create_account(&app, new).await.expect("an account");
    let asks = async |email: &str| {
        rules::request_recovery(&app, Ipv4Addr::LOCALHOST.into(), email, Language::En).await.expect("granted");
    };

    let mut relay = SmtpSink::start().await;
    let transport = Transport::smtp(relay.url().parse().expect("a URL"), &Relay::default()).expect("a URL");
    let (faulty, stop) = (Faulty::default(), CancellationToken::new());
    let working = worker::run(app.clone(), transport, faulty.clone(), Duration::from_millis(20), stop.clone());
    let working = tokio::spawn(working);
    // More mails than workers.
    for _ in 0..5 {
        asks(ADA).await;
    }
    eventually("the panics", async || faulty.panics.load(Ordering::Relaxed) == 5).await;
    asks(BOB).await;
    assert_eq!(relay.next().await.to, BOB);
    assert_eq!(faulty.panics.load(Ordering::Relaxed), 5, "each failed mail is deferred");
    assert_eq!(app.supervisor.remarks(), [""; 0], "no worker had to be restarted");
    stop.cancel();
    working.await.expect("they stop");
    app.close().await.expect("the database closes");
}
