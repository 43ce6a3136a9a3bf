//! A session that ends on one server ends on all, whatever the state of the paths between them.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::SOON;
use crate::support::{
    PASSWORD, Person, Stream, in_time,
    proxy::Path,
    servers::{Company, Servers},
};

/// An operator's socket on one server, which follows their own profile. It is read continuously, as
/// in a browser.
#[derive(Debug)]
pub struct Socket {
    seen: watch::Receiver<Seen>,
    reading: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The last item.
    viewer: Value,
    /// The code of its close, once it has ended.
    end: Option<u16>,
}

impl Socket {
    fn of(mut stream: Stream) -> Self {
        let (sender, seen) = watch::channel(Seen::default());
        let reading = tokio::spawn(async move {
            loop {
                match stream.item_or_end().await {
                    Ok(item) => sender.send_modify(|seen| seen.viewer = item.at("viewer").clone()),
                    Err(end) => return sender.send_modify(|seen| seen.end = Some(end)),
                }
            }
        });
        Self { seen, reading }
    }

    /// Waits until this field of the profile has this value.
    pub async fn shows(&mut self, field: &str, value: &str) {
        let seen =
            in_time("the change", self.seen.wait_for(|seen| seen.end.is_some() || seen.viewer[field] == value)).await;
        let seen = seen.expect("the socket is read until it ends");
        assert_eq!(seen.viewer[field], value, "{seen:?}");
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// Follows a person's own profile on every server, with their session.
pub async fn everywhere(person: &Person, servers: &Servers) -> Vec<Socket> {
    let opened = (0..servers.len()).map(async |number| {
        let stream =
            person.at(servers.at(number)).watches("subscription { viewer { name description } }", json!({})).await;
        let mut socket = Socket::of(stream);
        socket.shows("name", &person.name).await;
        socket
    });
    join_all(opened).await
}

/// Waits until all sockets are closed because their session has ended.
pub async fn are_closed(sockets: &mut [Socket], within: Duration) {
    let deadline = Instant::now() + within;
    for (number, socket) in sockets.iter_mut().enumerate() {
        let ended = timeout_at(deadline, socket.seen.wait_for(|seen| seen.end.is_some())).await;
        let ended = ended.unwrap_or_else(|_elapsed| panic!("socket {number} is open after {within:?}"));
        assert_eq!(ended.expect("the socket is read until it ends").end, Some(4403), "socket {number}");
    }
}

async fn signed_in(servers: &Servers, number: usize, person: &Person) -> Person {
    let mut there = servers.at(number).anonymous();
    there.signs_in(&person.email, PASSWORD).await.granted();
    there
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn a_session_that_ends_on_one_server_ends_on_all() {
    let servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 3, 2).await;
    let (ada, bob) = (&acme.people[0], &acme.people[1]);

    // Ada signs out.
    let (here, elsewhere) = (signed_in(&servers, 0, ada).await, signed_in(&servers, 1, ada).await);
    let (mut left, mut stays) = (everywhere(&here, &servers).await, everywhere(&elsewhere, &servers).await);
    here.signs_out().await;
    are_closed(&mut left, SOON).await;

    // Ada changes the password in one session, which ends her others.
    let (mut left, here) = (everywhere(&signed_in(&servers, 2, ada).await, &servers).await, elsewhere);
    here.changes_password(PASSWORD, "quilted-anchors-hum-softly").await.granted();
    are_closed(&mut left, SOON).await;
    here.at(servers.at(2)).updates(ada, json!({ "description": "Still here" })).await.granted();
    for socket in &mut stays {
        socket.shows("description", "Still here").await;
    }

    // The owner removes Bob.
    let mut left = everywhere(&signed_in(&servers, 1, bob).await, &servers).await;
    acme.owner.at(servers.at(2)).removes(bob).await.granted();
    are_closed(&mut left, SOON).await;
    servers.never_logged(&["ERROR"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and a broker: ./scripts/test servers"]
async fn a_session_that_ends_while_a_server_is_cut_off_is_closed_there_soon_after() {
    let mut servers = Servers::start(3, &[]).await;
    let acme = Company::new(&servers, "acme", 3, 12).await;
    let signed_in: Vec<_> =
        join_all(acme.people.iter().enumerate().map(|(number, person)| signed_in(&servers, number % 3, person))).await;
    let mut sockets = Vec::new();
    for person in &signed_in {
        sockets.push(everywhere(person, &servers).await);
    }

    // In each round two operators sign out during a fault, and the others stay signed in.
    let mut left = Vec::new();
    for (round, path) in [Path::Silent, Path::Cut, Path::Delayed(Duration::from_millis(300))].into_iter().enumerate() {
        servers.path(1, path);
        let mut cut_off = Vec::new();
        for number in [2 * round, 2 * round + 1] {
            signed_in[number].at(servers.at(0)).signs_out().await;
            let mut others = std::mem::take(&mut sockets[number]);
            cut_off.push(others.remove(1));
            // The servers without a fault close their sockets as usual.
            are_closed(&mut others, SOON).await;
        }
        servers.path(1, Path::Open);
        are_closed(&mut cut_off, SOON).await;
        left.extend([2 * round, 2 * round + 1]);
    }
    servers.broker.kill();
    for number in [6, 7] {
        acme.owner.at(servers.at(number % 3)).removes(&signed_in[number]).await.granted();
        left.push(number);
    }
    servers.broker.restart().await;
    for number in [6, 7] {
        are_closed(&mut sockets[number], SOON).await;
    }

    // The other operators are still connected to each server.
    for number in (0..signed_in.len()).filter(|number| !left.contains(number)) {
        let person = signed_in[number].at(servers.at(number % 3));
        person.updates(&person, json!({ "description": "Still here" })).await.granted();
        for socket in &mut sockets[number] {
            socket.shows("description", "Still here").await;
        }
    }
    servers.never_logged(&[]);
}
