//! A dashboard shows changes made on any server, even if its own server missed the event.

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::timeout;

use super::SOON;
use crate::support::{
    Stream,
    proxy::Path,
    servers::{Company, Servers},
};

/// Waits until each dashboard shows this name.
pub async fn all_show(dashboards: &mut [Stream], name: &str) {
    let shown = dashboards.iter_mut().map(|dashboard| dashboard.until(|state| *state.at("account.name") == name));
    timeout(SOON, join_all(shown))
        .await
        .unwrap_or_else(|_elapsed| panic!("not every dashboard shows {name} after {SOON:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn a_new_account_name_is_shown_on_every_server_even_without_an_event() {
    let servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 1, 0).await;
    let owner = |number| acme.owner.at(servers.at(number));
    let mut dashboards = join_all(
        (0..3).map(async |number| owner(number).watches("subscription { account { name } }", json!({})).await),
    )
    .await;
    all_show(&mut dashboards, "acme").await;

    owner(1).does("updateAccount", json!({ "name": "Acme & Daughters" })).await.granted();
    all_show(&mut dashboards, "Acme & Daughters").await;

    servers.path(2, Path::Cut);
    // Twice: the first time, the server has no earlier state to compare with. The second time, only
    // the changed name differs.
    for name in ["Acme & Sons", "Acme & Cousins"] {
        owner(0).does("updateAccount", json!({ "name": name })).await.granted();
        all_show(&mut dashboards, name).await;
    }
    servers.never_logged(&["ERROR"]);
}
