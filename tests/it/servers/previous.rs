//! A rolling upgrade: a server of the previous version and one of this version share database and
//! broker. Each shows what the other changes, and no version goes back.

use futures_util::future::join_all;
use serde_json::json;

use super::{
    SOON,
    dashboards::all_show,
    sessions::{are_closed, everywhere},
};
use crate::support::{
    PASSWORD, Person, Stream,
    crowd::Crowd,
    eventually, in_time,
    process::Build,
    proxy::Path,
    servers::{Company, Servers, db_rows},
};

const WIDGETS: usize = 200;
const OLD: usize = 0;
const NEW: usize = 1;

/// An account, with a dashboard on each server.
struct Watched {
    company: Company,
    dashboards: Vec<Stream>,
    /// Makes each name another one.
    changes: usize,
}

impl Watched {
    async fn of(company: Company, servers: &Servers) -> Self {
        let watch = "subscription { account { name } }";
        let opened =
            [OLD, NEW].map(async |number| company.owner.at(servers.at(number)).watches(watch, json!({})).await);
        let dashboards = join_all(opened).await;
        Self { company, dashboards, changes: 0 }
    }

    /// Renames the account and an operator, and takes a seat or gives it back, through this server.
    async fn changes(&mut self, servers: &Servers, through: usize) -> String {
        let owner = self.company.owner.at(servers.at(through));
        let person = &self.company.people[0];
        self.changes += 1;
        let name = format!("{} {}", self.company.widget_key, self.changes);
        owner.does("updateAccount", json!({ "name": name })).await.granted();
        owner.updates(person, json!({ "name": name })).await.granted();
        let acts = if self.changes % 2 == 1 { "activateOperator" } else { "deactivateOperator" };
        owner.does(acts, json!({ "operatorId": person.id })).await.granted();
        name
    }
}

struct Scene {
    servers: Servers,
    accounts: Vec<Watched>,
    keys: Vec<String>,
    crowd: Crowd,
}

impl Scene {
    /// Changes every account through one server, and waits until every client shows it.
    async fn changes(&mut self, through: usize) {
        for account in &mut self.accounts {
            let name = account.changes(&self.servers, through).await;
            all_show(&mut account.dashboards, &name).await;
        }
        self.crowd.shows(&self.servers.db_expected(&self.keys).await, SOON).await;
    }

    /// A person who signs in on one server and has a socket on each.
    async fn signed_in(&self, number: usize, person: &Person) -> Person {
        let mut there = self.servers.at(number).anonymous();
        there.signs_in(&person.email, PASSWORD).await.granted();
        there
    }

    /// Ends sessions on one server in every way that does not end with time.
    async fn sessions_end(&self, number: usize, [leaves, changes, is_removed]: [&Person; 3]) {
        let here = self.signed_in(number, leaves).await;
        let mut left = everywhere(&here, &self.servers).await;
        here.signs_out().await;
        are_closed(&mut left, SOON).await;

        let here = self.signed_in(number, changes).await;
        let mut others = everywhere(&self.signed_in(1 - number, changes).await, &self.servers).await;
        here.changes_password(PASSWORD, "quilted-anchors-hum-softly").await.granted();
        are_closed(&mut others, SOON).await;

        let mut left = everywhere(&self.signed_in(1 - number, is_removed).await, &self.servers).await;
        self.accounts[0].company.owner.at(self.servers.at(number)).removes(is_removed).await.granted();
        are_closed(&mut left, SOON).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL, a broker and the previous build: ./scripts/test servers"]
async fn a_previous_build_and_this_one_show_each_others_changes() {
    let mut servers = Servers::start_builds(&[Build::Previous], &[]).await;
    let acme = Company::new(&servers, "acme", 4, 8).await;
    // It migrates the database under the other one.
    assert_eq!(servers.add().await, NEW);
    let companies =
        [acme, Company::at(servers.at(OLD), "globex", 4, 1).await, Company::at(servers.at(NEW), "initech", 4, 1).await];
    let keys: Vec<_> = companies.iter().map(|company| company.widget_key.clone()).collect();
    let crowd = Crowd::connect(WIDGETS, keys.clone(), servers.addresses()).await;
    let accounts = join_all(companies.map(|company| Watched::of(company, &servers))).await;
    let mut scene = Scene { servers, accounts, keys, crowd };

    for through in [OLD, NEW, OLD, NEW] {
        scene.changes(through).await;
    }
    let people = scene.accounts[0].company.people.clone();
    scene.sessions_end(OLD, [&people[1], &people[2], &people[3]]).await;
    scene.sessions_end(NEW, [&people[4], &people[5], &people[6]]).await;

    // Twice: the first time, a server may have no earlier state to compare with.
    for (cut_off, other) in [(NEW, OLD), (OLD, NEW)] {
        scene.servers.path(cut_off, Path::Cut);
        for through in [other, cut_off, other] {
            scene.changes(through).await;
        }
        scene.servers.path(cut_off, Path::Open);
        for through in [other, cut_off] {
            scene.changes(through).await;
        }
    }

    // The upgrade is finished.
    scene.crowd.use_servers(vec![scene.servers.address(NEW)]);
    let ended = in_time("the end of the previous server", scene.servers.stop(OLD).ended()).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    for word in ["ERROR", "panicked"] {
        assert!(!ended.stderr.contains(word), "{ended:?}");
    }
    scene.crowd.is_connected().await;
    for account in &mut scene.accounts {
        account.dashboards.remove(OLD);
    }
    let mut alone = scene.servers.at(NEW).anonymous();
    eventually("a sign-in", async || alone.signs_in(&people[7].email, PASSWORD).await.is_granted()).await;
    for account in &mut scene.accounts {
        let name = account.changes(&scene.servers, NEW).await;
        all_show(&mut account.dashboards, &name).await;
    }
    scene.crowd.shows(&scene.servers.db_expected(&scene.keys).await, SOON).await;
    scene.crowd.never_regressed();
    scene.servers.never_logged(&["ERROR"]);
    let counted = "SELECT account.id FROM account JOIN availability ON availability.account_id = account.id
        AND availability.version = account.availability_version AND account.version > 1";
    let counted = db_rows(&scene.servers.db(), counted).await.expect("the database answers");
    assert_eq!(counted.len(), scene.accounts.len(), "every account has its versions");
}
