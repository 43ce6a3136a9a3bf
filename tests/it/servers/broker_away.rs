//! While the broker is down, servers keep serving, report it, and changes on one server reach all.

use serde_json::json;
use tokio::time::Instant;

use super::SOON;
use crate::support::{
    crowd::Crowd,
    eventually,
    servers::{Company, Servers},
};

const WIDGETS: usize = 300;

/// The answer of `/readyz` without a fault.
fn healthy() -> (u16, String) {
    (200, "ready\nbus: connected\n".to_owned())
}

/// The value of a server's metric.
async fn figure(servers: &Servers, number: usize, name: &str) -> i64 {
    let url = servers.program(number).metrics_url();
    let text = reqwest::get(url).await.expect("the server answers").text().await.expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().expect("a whole number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn without_the_broker_changes_reach_every_server_and_it_is_reported() {
    let mut servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 5, 6).await;
    let keys = vec![acme.widget_key.clone()];
    let crowd = Crowd::connect(WIDGETS, keys.clone(), servers.addresses()).await;
    for number in 0..3 {
        eventually("the broker", async || servers.page(number, "/readyz").await == healthy()).await;
        eventually("the peers", async || figure(&servers, number, "deskbell_bus_peers").await == 2).await;
        assert_eq!(figure(&servers, number, "deskbell_bus_connected").await, 1);
    }

    servers.broker.kill();
    for number in 0..3 {
        servers.is_cut_off(number).await;
        assert_eq!(figure(&servers, number, "deskbell_bus_connected").await, 0);
        assert!(figure(&servers, number, "deskbell_bus_gaps_total").await > 0);
    }
    for number in 0..6 {
        let at = servers.at(number % 3);
        let acts = if number % 2 == 0 { "activateOperator" } else { "deactivateOperator" };
        acme.owner.at(at).does(acts, json!({ "operatorId": acme.people[number / 2].id })).await.granted();
        let changed = Instant::now();
        crowd.shows(&servers.db_expected(&keys).await, SOON).await;
        println!("shown by {WIDGETS} widgets on three servers after {:?}", changed.elapsed());
    }

    servers.broker.restart().await;
    for number in 0..3 {
        eventually("the broker", async || servers.page(number, "/readyz").await == healthy()).await;
    }
    acme.owner.at(servers.at(2)).activates(&acme.people[4]).await.granted();
    crowd.shows(&servers.db_expected(&keys).await, SOON).await;
    crowd.never_regressed();
    servers.never_logged(&["ERROR"]);
}
