//! How facts travel between the servers that share a database.
//!
//! What crosses the bus is small: ids and versions, never what they stand for. It is at most once, as its broker is (NATS, core),
//! so nothing correct depends on a fact that arrives; what may have been missed is looked up again:
//!
//! - [`wire`]: what a message looks like, and how servers of two versions read each other.
//! - [`Unsent`]: what waits to be told. It never makes anybody wait, and what does not fit becomes "look again".
//! - [`link`]: the one task that holds the line to the broker. It numbers its messages and sends one every [`BEAT`] even when there
//!   is nothing to say. Its own come back to it, and if they do not, the line is dead, whatever the connection says.
//! - [`Peers`]: whose message is missing, and who has fallen silent, maybe between a commit and its announcement.
//! - [`rounds`]: looks again at what is listened to, a thousand accounts a statement: when something was missed, every second while
//!   the line is away, and now and then in any case.
//!
//! A single server has none of this. Servers that share a database without a bus have [`neighbours`] and [`rounds`].

mod link;
mod nats;
mod neighbours;
mod peers;
mod rounds;
mod status;
mod unsent;
mod wire;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use entity::{AccountId, ServerId};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::link::Link;
pub use self::{nats::Nats, peers::Peers, status::Status, unsent::Unsent, wire::Fact};
use crate::{config::BusConfig, event::Bus, supervisor::Supervisor, throttle::BucketId};

/// Time between two signs of life.
const BEAT: Duration = Duration::from_millis(250);
/// So many of them without an answer, and a line is dead, or a server gone.
const PATIENCE: u32 = 5;
/// The longest that a step towards the broker may take.
const STEP_TIMEOUT: Duration = Duration::from_millis(800);

/// What carries messages to every server, the sender included; at most once, in the order in which each sender sent them.
pub trait Broker: Send + Sync + 'static {
    type Line: Line;

    /// Opens a line that hears whatever is sent from some moment on, which only an echo tells.
    fn connect(&self) -> impl Future<Output = anyhow::Result<Self::Line>> + Send;
}

/// An open line to the broker. Closed by dropping it.
pub trait Line: Send + 'static {
    /// Hands a message over; it may be lost all the same.
    fn send(&mut self, message: Bytes) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// The next message; `None` when the line is known to be dead. May be given up and called again.
    fn receive(&mut self) -> impl Future<Output = Option<Bytes>> + Send;
}

/// What the bus asks of the server that it works for.
pub trait Server: Send + Sync + 'static {
    /// The versions of these accounts' availability.
    fn versions(&self, accounts: &[AccountId]) -> impl Future<Output = anyhow::Result<Vec<(AccountId, i32)>>> + Send;

    /// A mark for each of these accounts that differs once anything that its operators see differs.
    fn marks(&self, accounts: &[AccountId]) -> impl Future<Output = anyhow::Result<Vec<(AccountId, String)>>> + Send;

    /// Counts attempts that another server let through.
    fn taken_elsewhere(&self, token: BucketId, count: u16);
}

/// Where servers without a bus see each other: the database that they share.
pub trait Register: Server {
    /// Notes that this server runs; how many others do.
    fn beat(&self, me: ServerId) -> impl Future<Output = anyhow::Result<u64>> + Send;

    /// Notes that this server has ended.
    fn leave(&self, me: ServerId) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Detects other servers on the same database where no bus connects them, until told to stop.
pub fn detect_neighbours(
    bus: &Bus,
    register: impl Register,
    supervisor: &Supervisor,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let Some(status) = bus.status() else { return };
    // The same id after a restart: a server is no neighbour of itself.
    let (me, register) = (ServerId::new(), Arc::new(register));
    let (bus, status, until) = (bus.clone(), Arc::clone(status), stop.clone());
    supervisor.spawn("neighbours", tasks, stop, move || {
        neighbours::run(me, bus.clone(), Arc::clone(&status), Arc::clone(&register), until.clone())
    });
}

/// Joins the bus, until told to stop. Nothing here keeps a server from starting or stopping.
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
    let (link_bus, link_status, link_desk, link_stop) =
        (bus.clone(), Arc::clone(status), Arc::clone(&server), stop.clone());
    // A new link has a new id: the others notice that the one before is silent, and compare what it may not have sent.
    supervisor.spawn("bus", tasks, stop, move || {
        Link::new(broker(), link_bus.clone(), Arc::clone(&link_status), Arc::clone(&link_desk)).run(link_stop.clone())
    });
    let (bus, status, rounds_stop) = (bus.clone(), Arc::clone(status), stop.clone());
    let mut is_restarted = false;
    supervisor.spawn("rounds", tasks, stop, move || {
        if std::mem::replace(&mut is_restarted, true) {
            // The round that failed has consumed the request for it.
            status.look_again();
        }
        rounds::run(bus.clone(), Arc::clone(&status), Arc::clone(&server), rounds_stop.clone())
    });
}

/// Tells the other servers what this process has changed, for a command that ends right afterwards. A broker that is away is no
/// reason to fail: servers look again by themselves.
pub async fn tell_once(config: &BusConfig, bus: &Bus, server: impl Server) {
    let Some(status) = bus.status() else { return };
    let link = Link::new(Nats::new(config), bus.clone(), Arc::clone(status), Arc::new(server));
    if let Err(error) = link.tell_once().await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the servers were not told over the bus; they will notice by themselves"
        );
    }
}
