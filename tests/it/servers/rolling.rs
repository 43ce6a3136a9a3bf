//! Servers that start together, and a rolling upgrade while widgets are connected.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{SOON, storm::Storm};
use crate::support::{
    crowd::Crowd,
    in_time,
    servers::{Company, Servers},
};

const WIDGETS: usize = 900;
/// What a widget may take to reconnect, not counting its own pause: the new servers are debug
/// builds, and hundreds of widgets connect at once.
const RECONNECT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn servers_that_start_together_on_an_empty_database_all_come_up() {
    let servers = Servers::start(5, &[]).await;
    let acme = Company::new(&servers, "acme", 2, 1).await;
    for number in 0..servers.len() {
        let answer = reqwest::get(servers.program(number).url("/readyz")).await.expect("the server answers");
        assert_eq!(answer.status(), 200, "{number}");
        let seen = acme.owner.at(servers.at(number)).reads("{ account { operators { totalCount } } }").await;
        assert_eq!(seen.number("account.operators.totalCount"), 2, "{number}");
    }
    servers.never_logged(&["ERROR", "WARN"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn while_one_server_after_another_is_replaced_widgets_miss_nothing() {
    let mut servers = Servers::start(3, &[]).await;
    let companies: Vec<_> =
        [Company::new(&servers, "acme", 4, 8).await, Company::new(&servers, "globex", 4, 8).await].map(Arc::new).into();
    let keys: Vec<_> = companies.iter().map(|company| company.widget_key.clone()).collect();
    let crowd = Crowd::connect(WIDGETS, keys.clone(), servers.addresses()).await;
    let storm = Storm::begin(&companies, &crowd.shared);

    for old in 0..3 {
        servers.add().await;
        crowd.use_servers(servers.addresses());
        let stopping = servers.stop(old);
        crowd.use_servers(servers.addresses());
        let ended = in_time("the end of the old server", stopping.ended()).await;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert!(!ended.stderr.contains("ERROR") && !ended.stderr.contains("panicked"), "{ended:?}");
        crowd.is_connected().await;
        let reconnects = crowd.reconnects();
        println!("{reconnects:?}");
        assert!(reconnects.count >= WIDGETS / 4, "widgets had to move: {reconnects:?}");
        assert!(reconnects.longest_without_pauses < RECONNECT, "{reconnects:?}");
        // Changes continue for a moment between two replacements.
        sleep(Duration::from_millis(500)).await;
    }

    let outcome = storm.end().await;
    assert!(outcome.granted > 20, "{outcome:?}");
    crowd.shows(&servers.db_expected(&keys).await, SOON).await;
    crowd.never_regressed();
    servers.never_logged(&["ERROR"]);
}
