//! While the broker is away: servers serve on, say so, and what changes on one is seen on all.

use serde_json::json;
use tokio::time::Instant;

use super::SOON;
use crate::support::{
    crowd::Crowd,
    eventually,
    servers::{Company, Servers},
};

const WIDGETS: usize = 300;

async fn page(servers: &Servers, number: usize, path: &str) -> (u16, String) {
    let answer = reqwest::get(servers.program(number).url(path)).await.expect("the server answers");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn without_the_broker_changes_are_seen_on_every_server_and_it_is_said() {
    let mut servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 5, 6).await;
    let keys = vec![acme.widget_key.clone()];
    let crowd = Crowd::gather(WIDGETS, keys.clone(), servers.addresses()).await;
    for number in 0..3 {
        assert_eq!(page(&servers, number, "/readyz").await, (200, "ready\n".to_owned()));
    }

    servers.broker.kill();
    for number in 0..3 {
        // Ready all the same: whoever restarts it would help nobody.
        eventually("/readyz", async || {
            let (status, text) = page(&servers, number, "/readyz").await;
            assert_eq!(status, 200, "{text}");
            text != "ready\n"
        })
        .await;
    }
    for number in 0..6 {
        let at = servers.at(number % 3);
        let acts = if number % 2 == 0 { "activateOperator" } else { "deactivateOperator" };
        acme.owner.at(at).does(acts, json!({ "operatorId": acme.people[number / 2].id })).await.granted();
        let changed = Instant::now();
        crowd.shows(&servers.db_truth(&keys).await, SOON).await;
        println!("seen by {WIDGETS} on three servers after {:?}", changed.elapsed());
    }

    servers.broker.restart().await;
    for number in 0..3 {
        eventually("the broker", async || page(&servers, number, "/readyz").await == (200, "ready\n".to_owned())).await;
    }
    acme.owner.at(servers.at(2)).activates(&acme.people[4]).await.granted();
    crowd.shows(&servers.db_truth(&keys).await, SOON).await;
    crowd.never_went_back();
    servers.never_logged(&["ERROR"]);
}
