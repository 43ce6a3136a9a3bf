//! The servers, their database and their broker, and everything that fails in them.

use std::{
    net::SocketAddr,
    path::{Path as FilePath, PathBuf},
    sync::{Condvar, Mutex, mpsc},
    thread::{self, Scope},
    time::Duration,
};

use anyhow::Context as _;

use super::{World, locked, verdict::Fault};
use crate::{
    broker::{Broker, Path},
    clock::now,
    place::{Account, Site, Wanted},
    postgres::Cluster,
    random::Random,
    server::{DEFAULT, Server},
};

pub const SERVERS: usize = 3;
/// Longer than a start takes, also while the database recovers.
const STARTS_WITHIN: Duration = Duration::from_mins(2);

/// A server, and its path to the broker.
#[derive(Debug)]
struct Node {
    address: SocketAddr,
    path: Path,
    server: Mutex<Option<Server>>,
    /// Panics of the processes that were killed.
    panics: Mutex<usize>,
}

/// Everything that the clients use. Fields are dropped in this order: the database last.
#[derive(Debug)]
pub struct Setting {
    pub database_url: String,
    pub accounts: Vec<Account>,
    program: PathBuf,
    nodes: Vec<Node>,
    broker: Mutex<Broker>,
    site: Mutex<Site>,
    cluster: Cluster,
    done: (Mutex<bool>, Condvar),
}

/// A thread that breaks something: what it broke is whole again once this has returned.
#[derive(Debug)]
pub struct Trouble(mpsc::Receiver<anyhow::Result<()>>);

impl Trouble {
    pub fn wait(self) -> anyhow::Result<()> {
        self.0.recv().context("a thread panicked")?
    }
}

impl Setting {
    pub fn start(program: &FilePath, accounts: usize, operators: usize) -> anyhow::Result<Self> {
        let mut cluster = Cluster::start()?;
        let database_url = cluster.database()?;
        // Every operator is active.
        let site = Site::provision(database_url.clone(), &vec![Wanted { active: operators, inactive: 0 }; accounts])?;
        let broker = Broker::start()?;
        let mut setting = Self {
            accounts: site.accounts.clone(),
            database_url,
            program: program.to_owned(),
            nodes: Vec::new(),
            broker: Mutex::new(broker),
            site: Mutex::new(site),
            cluster,
            done: (Mutex::new(false), Condvar::new()),
        };
        for _ in 0..SERVERS {
            let path = Path::to(locked(&setting.broker).address)?;
            let server = setting.serve(&path, None)?;
            let node = Node { address: server.address, path, server: Mutex::new(Some(server)), panics: Mutex::new(0) };
            setting.nodes.push(node);
        }
        Ok(setting)
    }

    pub fn addresses(&self) -> [SocketAddr; SERVERS] {
        std::array::from_fn(|nth| self.nodes[nth].address)
    }

    /// A token of each operator of each account.
    pub fn sign_in_operators(&self) -> anyhow::Result<Vec<Vec<String>>> {
        let site = locked(&self.site);
        self.accounts.iter().map(|account| site.sign_in_operators(account)).collect()
    }

    /// Starts a server, on its former address if it had one.
    fn serve(&self, path: &Path, address: Option<SocketAddr>) -> anyhow::Result<Server> {
        let bus = format!("nats://{}", path.address);
        let listen = address.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let settings = [
            ("BUS_URL", bus.as_str()),
            ("LISTEN", &listen),
            // Three servers share the connections of a database with its default settings.
            ("DATABASE_POOL", "8"),
            ("WS_KEEPALIVE", DEFAULT),
            // Visitors begin new conversations now and then.
            ("CHAT_REOPEN_WITHIN", "4s"),
        ];
        Server::deskbell(&self.program, &self.database_url, &settings)
    }

    /// Begins to break things, until the world stops. The threads stay until [`Setting::finish`],
    /// because processes end with the thread that started them.
    pub fn trouble<'scope>(
        &'scope self,
        world: &'scope World,
        scope: &'scope Scope<'scope, '_>,
        random: &mut Random,
    ) -> Vec<Trouble> {
        let begin = |random: Random, work: fn(&Self, &World, Random, usize) -> anyhow::Result<()>, nth| {
            let (done, when_done) = mpsc::channel();
            scope.spawn(move || {
                // The other side has the world's end in view.
                let _ = done.send(work(self, world, random, nth));
                let finished = self.done.1.wait_while(locked(&self.done.0), |done| !*done);
                drop(finished);
            });
            Trouble(when_done)
        };
        let mut all = Vec::new();
        for nth in 0..SERVERS {
            all.push(begin(random.fork(), Self::kill_servers, nth));
            all.push(begin(random.fork(), Self::cut_paths, nth));
        }
        all.push(begin(random.fork(), Self::kill_brokers, 0));
        all.push(begin(random.fork(), Self::kill_databases, 0));
        all
    }

    pub fn count_panics(&self, world: &World) {
        for node in &self.nodes {
            let panics = *locked(&node.panics) + locked(&node.server).as_ref().map_or(0, Server::panics);
            for _ in 0..panics {
                world.found(Fault::Broken, || format!("the server on {} panicked", node.address));
            }
        }
    }

    /// Lets the threads of [`Setting::trouble`] end, and with them the servers.
    pub fn finish(&self) {
        *locked(&self.done.0) = true;
        self.done.1.notify_all();
    }

    fn kill_servers(&self, world: &World, mut random: Random, nth: usize) -> anyhow::Result<()> {
        let node = &self.nodes[nth];
        while world.pause(random.ms(3_000..20_000)) {
            if let Some(server) = locked(&node.server).take() {
                *locked(&node.panics) += server.panics();
            }
            world.counts.kills.add(1);
            world.pause(random.ms(100..3_000));
            let (began, deadline) = (now(), now() + STARTS_WITHIN);
            let server = loop {
                // It does not start without its database, which may be away, too.
                match self.serve(&node.path, Some(node.address)) {
                    Ok(server) => break server,
                    Err(error) => anyhow::ensure!(now() < deadline, "{error:#}"),
                }
                thread::sleep(Duration::from_millis(200));
            };
            *locked(&node.server) = Some(server);
            world.counts.server_start.longest(began);
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "the others can fail")]
    fn cut_paths(&self, world: &World, mut random: Random, nth: usize) -> anyhow::Result<()> {
        while world.pause(random.ms(2_000..15_000)) {
            world.counts.path_cuts.add(1);
            self.nodes[nth].path.cut();
            world.pause(random.ms(100..4_000));
            self.nodes[nth].path.restore();
        }
        Ok(())
    }

    fn kill_brokers(&self, world: &World, mut random: Random, _: usize) -> anyhow::Result<()> {
        while world.pause(random.ms(5_000..20_000)) {
            world.counts.broker_kills.add(1);
            locked(&self.broker).kill();
            world.pause(random.ms(100..5_000));
            locked(&self.broker).restart()?;
        }
        Ok(())
    }

    fn kill_databases(&self, world: &World, mut random: Random, _: usize) -> anyhow::Result<()> {
        while world.pause(random.ms(15_000..40_000)) {
            world.counts.database_kills.add(1);
            self.cluster.kill()?;
            world.pause(random.ms(0..1_500));
            let began = now();
            self.cluster.restart()?;
            world.counts.database_start.longest(began);
        }
        Ok(())
    }
}
