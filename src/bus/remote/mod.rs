//! Carries facts between the servers that share a database.
//!
//! Messages are small: they contain ids and versions, never the data itself. Delivery is at most
//! once, as in the broker (core NATS), so no result depends on the arrival of a fact. State that a
//! lost fact may have changed is re-read from the database:
//!
//! - [`wire`]: the format of messages, and how servers of two versions read each other's.
//! - [`Unsent`]: the queue of facts to send. It never blocks a publisher; facts that do not fit
//!   become "re-read everything".
//! - [`link`]: the task that owns the connection to the broker. It numbers its messages and sends a
//!   heartbeat every [`BEAT`]. The broker delivers these messages back to the sender as
//!   well; without such echoes the connection is dead, whatever its state reports.
//! - [`Peers`]: detects missing messages, and peers that fell silent, possibly between a commit and
//!   its message.
//! - [`rounds`]: compares the versions of the topics that have subscribers with the database, up to
//!   a thousand topics a statement: after a gap, every second while the bus is disconnected, and at
//!   a long interval otherwise.
//! - [`Previous`]: what servers of the previous version send and read.
//!
//! A single server needs none of this. Servers that share a database without a bus use
//! [`neighbours`] and [`rounds`].

mod link;
mod nats;
mod neighbours;
mod peers;
mod previous;
mod rounds;
mod status;
mod unsent;
mod wire;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use edge::supervisor::Supervisor;
use entity::ServerId;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use self::link::Link;
pub use self::{
    nats::{Nats, try_out},
    peers::Peers,
    previous::Previous,
    status::Status,
    unsent::Unsent,
    wire::Fact,
};
use super::{BucketId, Bus, PeerNews, PresenceFact, TopicKind};
use crate::config::BusConfig;

/// Time between two heartbeats.
const BEAT: Duration = Duration::from_millis(250);
/// After this many heartbeats without an answer, a connection is dead, or a peer has gone.
const PATIENCE: u32 = 5;
/// Timeout of one step of connecting or sending.
const STEP_TIMEOUT: Duration = Duration::from_millis(800);

/// Delivers each message to all servers, the sender included: at most once, and in the order in
/// which each sender sent its messages.
pub trait Broker: Send + Sync + 'static {
    type Line: Line;

    /// Opens a connection. Subscribing takes effect at an unknown moment; an echo shows that it
    /// has.
    fn connect(&self) -> impl Future<Output = anyhow::Result<Self::Line>> + Send;
}

/// An open connection to the broker. Dropping it closes it.
pub trait Line: Send + 'static {
    /// Hands a message to the broker. The message may still be lost.
    fn send(&mut self, message: Bytes) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Returns the next message, or `None` when the connection is known to be dead. Cancel safe.
    fn receive(&mut self) -> impl Future<Output = Option<Bytes>> + Send;
}

/// What the bus needs from its server.
pub trait Server: Send + Sync + 'static {
    /// Returns the versions of the topics of one kind whose rows have these keys. A key without a
    /// row is left out.
    fn versions(&self, kind: TopicKind, keys: &[Uuid])
    -> impl Future<Output = anyhow::Result<Vec<(Uuid, i64)>>> + Send;

    /// Returns a mark for each of these accounts. The mark changes whenever anything that the
    /// account's operators see changes, even if a server of the previous version changes it.
    fn marks(&self, accounts: &[Uuid]) -> impl Future<Output = anyhow::Result<Vec<(Uuid, i64)>>> + Send;

    /// Counts attempts that another server allowed.
    fn taken_elsewhere(&self, token: BucketId, count: u16);

    /// Takes a fact about presence from the server whose link has this id.
    fn present_elsewhere(&self, from: Uuid, fact: PresenceFact);

    /// Takes note of a peer whose facts about presence may be missing or outdated.
    fn peer_news(&self, news: PeerNews);
}

/// The shared database, where servers without a bus detect each other.
pub trait Register: Server {
    /// Records that this server runs, and returns the number of other servers.
    fn beat(&self, me: ServerId) -> impl Future<Output = anyhow::Result<u64>> + Send;

    /// Records that this server has ended.
    fn leave(&self, me: ServerId) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Detects other servers on the same database where no bus connects them, until cancelled.
pub fn detect_neighbours(
    bus: &Bus,
    register: impl Register,
    supervisor: &Supervisor,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let Some(status) = bus.status() else { return };
    // A restarted task keeps the id, so that a server does not count itself as a neighbour.
    let (me, register) = (ServerId::new(), Arc::new(register));
    let (bus, status, until) = (bus.clone(), Arc::clone(status), stop.clone());
    supervisor.spawn("neighbours", tasks, stop, move || {
        neighbours::run(me, bus.clone(), Arc::clone(&status), Arc::clone(&register), until.clone())
    });
}

/// Connects to the bus, until cancelled. A failing bus never keeps a server from starting or
/// stopping.
pub fn join(
    config: &BusConfig,
    bus: &Bus,
    server: impl Server,
    supervisor: &Supervisor,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let config = config.clone();
    join_over(move || Nats::new(&config), bus, server, supervisor, tasks, stop);
}

fn join_over<B: Broker>(
    broker: impl Fn() -> B + Send + 'static,
    bus: &Bus,
    server: impl Server,
    supervisor: &Supervisor,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let Some(status) = bus.status() else { return };
    let server = Arc::new(server);
    let (link_bus, link_status, link_server, link_stop) =
        (bus.clone(), Arc::clone(status), Arc::clone(&server), stop.clone());
    // A new link has a new id. The peers notice that the previous id is silent, and re-read what it
    // may not have sent.
    supervisor.spawn("bus", tasks, stop, move || {
        Link::new(broker(), link_bus.clone(), Arc::clone(&link_status), Arc::clone(&link_server)).run(link_stop.clone())
    });
    let (bus, status, rounds_stop) = (bus.clone(), Arc::clone(status), stop.clone());
    let mut is_restarted = false;
    supervisor.spawn("rounds", tasks, stop, move || {
        if std::mem::replace(&mut is_restarted, true) {
            // The failed round has consumed the request for it.
            status.look_again();
        }
        rounds::run(bus.clone(), Arc::clone(&status), Arc::clone(&server), rounds_stop.clone())
    });
}

/// Publishes what this process has changed, for a command that ends right afterwards. An
/// unreachable broker is not an error, because servers also poll.
pub async fn tell_once(config: &BusConfig, bus: &Bus, server: impl Server) {
    let Some(status) = bus.status() else { return };
    let link = Link::new(Nats::new(config), bus.clone(), Arc::clone(status), Arc::new(server));
    if let Err(error) = link.tell_once().await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the change could not be published on the bus; the servers will find it when they poll"
        );
    }
}
