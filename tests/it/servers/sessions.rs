//! A session that ends on one server ends on all, whatever the paths between them are like.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::SOON;
use crate::support::{
    PASSWORD, Person, Stream,
    proxy::Path,
    servers::{Company, Servers},
};

const VIEWER: &str = "subscription { viewer { isActive } }";

/// Follows their own profile on every server, with the session that they have.
async fn everywhere(person: &Person, servers: &Servers) -> Vec<Stream> {
    let opened = (0..servers.len()).map(async |number| {
        let mut stream = person.at(servers.at(number)).watches(VIEWER, json!({})).await;
        stream.next().await;
        stream
    });
    join_all(opened).await
}

/// Each of the sockets is closed, since its session has ended.
async fn are_shown_out(streams: &mut [Stream], within: Duration) {
    let began = Instant::now();
    for (number, stream) in streams.iter_mut().enumerate() {
        let left = within.saturating_sub(began.elapsed());
        let closed = timeout(left, stream.closes()).await;
        let (code, reason) = closed.unwrap_or_else(|_elapsed| panic!("socket {number} is open after {within:?}"));
        assert_eq!(code, 4403, "{reason}");
    }
}

async fn signed_in(servers: &Servers, number: usize, person: &Person) -> Person {
    let mut there = servers.at(number).stranger();
    there.signs_in(&person.email, PASSWORD).await.granted();
    there
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn whoever_leaves_through_one_server_has_left_them_all() {
    let servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 3, 2).await;
    let (ada, bob) = (&acme.people[0], &acme.people[1]);

    // Signs out.
    let (here, elsewhere) = (signed_in(&servers, 0, ada).await, signed_in(&servers, 1, ada).await);
    let (mut left, mut stays) = (everywhere(&here, &servers).await, everywhere(&elsewhere, &servers).await);
    here.signs_out().await;
    are_shown_out(&mut left, SOON).await;

    // Changes the password elsewhere, in the session that stays.
    let (mut left, here) = (everywhere(&signed_in(&servers, 2, ada).await, &servers).await, elsewhere);
    here.changes_password(PASSWORD, "quilted-anchors-hum-softly").await.granted();
    are_shown_out(&mut left, SOON).await;
    acme.owner.at(servers.at(2)).activates(ada).await.granted();
    for stream in &mut stays {
        stream.until(|item| *item.at("viewer.isActive") == true).await;
    }

    // Is removed.
    let mut left = everywhere(&signed_in(&servers, 1, bob).await, &servers).await;
    acme.owner.at(servers.at(2)).removes(bob).await.granted();
    are_shown_out(&mut left, SOON).await;
    servers.never_logged(&["ERROR"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn whoever_signed_out_while_a_server_was_cut_off_has_no_socket_there_soon_after() {
    let mut servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 3, 12).await;
    let signed_in: Vec<_> = join_all(acme.people.iter().enumerate().map(|(number, person)| signed_in(&servers, number % 3, person))).await;
    let mut sockets = Vec::new();
    for person in &signed_in {
        sockets.push(everywhere(person, &servers).await);
    }

    // Each time two leave while something is wrong, and two of the others stay.
    let mut left = Vec::new();
    for (round, path) in [Path::Silent, Path::Cut, Path::Delayed(Duration::from_millis(300))].into_iter().enumerate() {
        servers.path(1, path);
        let mut cut_off = Vec::new();
        for number in [2 * round, 2 * round + 1] {
            signed_in[number].at(servers.at(0)).signs_out().await;
            let mut streams = std::mem::take(&mut sockets[number]);
            cut_off.push(streams.remove(1));
            // The others are told, as ever.
            are_shown_out(&mut streams, SOON).await;
        }
        servers.path(1, Path::Whole);
        are_shown_out(&mut cut_off, SOON).await;
        left.extend([2 * round, 2 * round + 1]);
    }
    servers.broker.kill();
    for number in [6, 7] {
        acme.owner.at(servers.at(number % 3)).removes(&signed_in[number]).await.granted();
        left.push(number);
    }
    servers.broker.restart().await;
    for number in [6, 7] {
        are_shown_out(&mut sockets[number], SOON).await;
    }

    // Whoever did not leave is still there, on each server.
    for number in (0..signed_in.len()).filter(|number| !left.contains(number)) {
        acme.owner.at(servers.at(number % 3)).activates(&signed_in[number]).await.granted();
        for stream in &mut sockets[number] {
            stream.until(|item| *item.at("viewer.isActive") == true).await;
        }
        acme.owner.at(servers.at(0)).deactivates(&signed_in[number]).await.granted();
    }
    servers.never_logged(&[]);
}
