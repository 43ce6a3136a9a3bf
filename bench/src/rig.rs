//! A server, its data, a crowd of widgets, and a thread that makes changes.

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::Context as _;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    ask::Asker,
    clock::now,
    crowd::Crowd,
    leftovers,
    place::{self, Account, Site, Wanted},
    server::{Kind, Server},
    tally::Totals,
};

/// How long to wait for the widgets to receive a change.
const GIVE_UP: Duration = Duration::from_secs(3);

/// The result of one change.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub intended: Duration,
    /// When the answer to the mutation arrived.
    pub answered: Duration,
    pub received: usize,
    /// When the first and the last widget received it; the time of the answer if there are no
    /// widgets.
    pub first: Duration,
    pub last: Duration,
}

type Job = Box<dyn FnOnce(&mut Asker) -> anyhow::Result<Duration> + Send>;

/// Fields are dropped in this order: the crowd leaves before the server is killed, and the folder
/// is removed last.
#[derive(Debug)]
pub struct Rig {
    pub kind: Kind,
    pub crowd: Crowd,
    pub server: Server,
    pub accounts: Vec<Account>,
    jobs: mpsc::Sender<JobBox>,
    answers: mpsc::Receiver<anyhow::Result<Duration>>,
    version: i32,
    number: usize,
    program: PathBuf,
    settings: Vec<(&'static str, &'static str)>,
    place: Option<Site>,
    _folder: Option<TempDir>,
}

struct JobBox(Job);

impl std::fmt::Debug for JobBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JobBox")
    }
}

/// The configuration of a rig.
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    pub kind: Kind,
    pub deskbell: &'a Path,
    /// `None`: a new SQLite file.
    pub database_url: Option<String>,
    pub accounts: Vec<Wanted>,
    pub settings: Vec<(&'static str, &'static str)>,
}

impl<'a> Setup<'a> {
    #[must_use]
    pub fn new(kind: Kind, deskbell: &'a Path) -> Self {
        Self { kind, deskbell, database_url: None, accounts: vec![place::USUAL], settings: Vec::new() }
    }
}

impl Rig {
    pub fn start(setup: &Setup<'_>) -> anyhow::Result<Self> {
        let (server, accounts, place, folder) = if setup.kind == Kind::Deskbell {
            let folder = leftovers::folder()?;
            let file = folder.path().join("bench.db");
            let url = setup.database_url.clone().unwrap_or_else(|| format!("sqlite:{}?mode=rwc", file.display()));
            let place = Site::provision(url, &setup.accounts)?;
            let server = Server::deskbell(setup.deskbell, &place.url, &setup.settings)?;
            (server, place.accounts.clone(), Some(place), Some(folder))
        } else {
            (Server::peer(setup.kind)?, vec![place::stranger()], None, None)
        };
        let mut crowd = Crowd::new(server.address)?;
        for account in &accounts {
            crowd.site(&account.widget_key, &account.tag);
        }
        let (jobs, answers) = hand(Asker::new(server.address, Some(&accounts[0].token), 0));
        let mut rig = Self {
            kind: setup.kind,
            crowd,
            server,
            accounts,
            jobs,
            answers,
            version: 1,
            number: 0,
            program: setup.deskbell.to_owned(),
            settings: setup.settings.clone(),
            place,
            _folder: folder,
        };
        // The other servers have no state until they receive one.
        rig.change()?;
        Ok(rig)
    }

    /// A further client, signed in as the first account's owner.
    #[must_use]
    pub fn asker(&self, nth: usize) -> Asker {
        Asker::new(self.server.address, Some(&self.accounts[0].token), nth)
    }

    /// The URL of the database; `None` for other servers.
    #[must_use]
    pub fn database_url(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.url.as_str())
    }

    /// Signs all operators of an account in.
    pub fn sign_in_operators(&self, account: usize) -> anyhow::Result<Vec<String>> {
        self.place.as_ref().context("only Deskbell has operators")?.sign_in_operators(&self.accounts[account])
    }

    /// Starts a server that was killed, on its former address.
    pub fn restart_server(&mut self) -> anyhow::Result<()> {
        let listen = self.server.address.to_string();
        let settings: Vec<_> = self.settings.iter().copied().chain([("LISTEN", listen.as_str())]).collect();
        let url = self.database_url().context("only Deskbell has a database")?;
        self.server = Server::deskbell(&self.program, url, &settings)?;
        Ok(())
    }

    /// Number of statements that the server has run so far, by its own counter.
    pub fn statements(&self) -> anyhow::Result<usize> {
        let address = self.server.metrics.context("this server has no metrics")?;
        let metrics = Asker::new(address, None, 1).send("GET", "/metrics", b"")?;
        let text = String::from_utf8(metrics.body)?;
        let count = text
            .lines()
            .find_map(|line| line.strip_prefix("deskbell_statements_total "))
            .context("no counter of statements in the metrics")?;
        Ok(count.trim().parse()?)
    }

    /// Makes one change of the first account, and waits until it is answered and all widgets have
    /// received it.
    pub fn change(&mut self) -> anyhow::Result<Outcome> {
        self.version += 1;
        self.number += 1;
        let account = &self.accounts[0];
        let waiting = self.crowd.live_on(0);
        let job: Job = if self.kind == Kind::Deskbell {
            let variables = json!({ "id": place::global_id(account.operators[0]), "name": account.name(self.number) });
            Box::new(move |asker| Ok(asker.mutate("updateOperator", RENAME, &variables)?.1))
        } else {
            let (path, state) =
                (format!("/change?{}", account.widget_key), place::state(&account.tag, self.version, self.number));
            Box::new(move |asker| {
                let answer = asker.send("POST", &path, state.to_string().as_bytes())?;
                anyhow::ensure!(answer.status == 200, "the change was answered with {}", answer.status);
                Ok(answer.at)
            })
        };
        let intended = now();
        self.crowd.site_mut(0).expect(self.version, intended);
        self.jobs.send(JobBox(job)).map_err(|_| anyhow::anyhow!("the hand is gone"))?;
        let mut answered = None;
        let answers = &self.answers;
        self.crowd.run_until(intended + GIVE_UP, |crowd| {
            answered = answered.take().or_else(|| answers.try_recv().ok());
            answered.is_some() && crowd.received(0) >= waiting
        })?;
        let answered = match answered {
            Some(answered) => answered?,
            None => self.answers.recv().context("the hand is gone")??,
        };
        let change = self.crowd.site_mut(0).change.expect("just set");
        let missing = waiting.saturating_sub(change.received);
        self.crowd.totals_mut().missing += missing as u64;
        let nobody = change.received == 0;
        Ok(Outcome {
            intended,
            answered,
            received: change.received,
            first: if nobody { answered } else { change.first },
            last: if nobody { answered } else { change.last },
        })
    }

    /// Makes changes, far enough apart that each is pushed separately.
    pub fn changes(&mut self, count: usize, every: Duration) -> anyhow::Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(count);
        for _ in 0..count {
            let outcome = self.change()?;
            outcomes.push(outcome);
            self.rest(every.saturating_sub(now().saturating_sub(outcome.intended)))?;
        }
        Ok(outcomes)
    }

    /// Lets time pass while the widgets read.
    pub fn rest(&mut self, time: Duration) -> anyhow::Result<()> {
        self.crowd.run_until(now() + time, |_| false)
    }

    /// Excludes one-time costs of a server: a few widgets connect, receive changes, and leave.
    pub fn warm_up(&mut self) -> anyhow::Result<()> {
        self.crowd.join(200, true, |_| 0)?;
        self.changes(3, Duration::from_millis(150))?;
        self.crowd.leave(200);
        self.rest(Duration::from_millis(300))?;
        self.crowd.take_arrivals();
        self.crowd.take_deliveries();
        Ok(())
    }

    /// Compares the state of every widget with the database, and returns the totals.
    pub fn finish(mut self) -> anyhow::Result<Totals> {
        let version = match &self.place {
            Some(place) => place.version(&self.accounts[0])?,
            None => self.version,
        };
        self.crowd.count_stale(0, version);
        for other in 1..self.accounts.len() {
            let version =
                self.place.as_ref().expect("only Deskbell has other accounts").version(&self.accounts[other])?;
            self.crowd.count_stale(other, version);
        }
        Ok(std::mem::take(self.crowd.totals_mut()))
    }
}

const RENAME: &str = "mutation Rename($id: ID!, $name: String!) { updateOperator(input: { operatorId: $id, publicName: $name }) { \
     operator { id } userErrors { __typename } } }";

/// Starts a thread that sends requests while the crowd is read.
fn hand(mut asker: Asker) -> (mpsc::Sender<JobBox>, mpsc::Receiver<anyhow::Result<Duration>>) {
    let (jobs, received) = mpsc::channel::<JobBox>();
    let (answer, answers) = mpsc::channel();
    thread::spawn(move || {
        for JobBox(job) in received {
            if answer.send(job(&mut asker)).is_err() {
                break;
            }
        }
    });
    (jobs, answers)
}
