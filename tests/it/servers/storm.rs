//! Constant changes: several companies race for seats through every server at once, while the seats
//! are counted.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join_all;
use rand::{RngExt, seq::IndexedRandom};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::support::{
    DEADLINE,
    crowd::Shared,
    servers::{Company, attempt, db_rows},
};

/// How many operators of a company act at the same moment.
const AT_ONCE: usize = 6;
/// The longest pause between two such moments: each reaches thousands of widgets, from debug
/// builds.
const PAUSE: Duration = Duration::from_millis(1_200);

/// Makes changes until it is stopped.
#[derive(Debug)]
pub struct Storm {
    stop: CancellationToken,
    workers: JoinSet<()>,
    outcome: Arc<Mutex<Outcome>>,
}

/// The result of the changes.
#[derive(Debug, Default)]
pub struct Outcome {
    pub granted: usize,
    /// Refused by a rule, such as the seat limit.
    pub refused: usize,
    /// The time of the slowest answer.
    pub slowest: Duration,
    /// Errors of connections and servers.
    pub unanswered: Vec<String>,
}

impl Storm {
    pub fn begin(companies: &[Arc<Company>], shared: &Arc<Shared>) -> Self {
        let (stop, outcome) = (CancellationToken::new(), Arc::default());
        let mut workers = JoinSet::new();
        for company in companies {
            workers.spawn(run(Arc::clone(company), Arc::clone(shared), stop.clone(), Arc::clone(&outcome)));
        }
        Self { stop, workers, outcome }
    }

    /// Stops, and waits for the mutations in flight.
    pub async fn end(mut self) -> Outcome {
        self.stop.cancel();
        while let Some(ended) = self.workers.join_next().await {
            ended.expect("no worker panics");
        }
        std::mem::take(&mut *self.outcome.lock().expect("no worker panicked"))
    }
}

async fn run(company: Arc<Company>, shared: Arc<Shared>, stop: CancellationToken, outcome: Arc<Mutex<Outcome>>) {
    let client = reqwest::Client::builder().timeout(DEADLINE).build().expect("a client");
    let token = company.owner.token.as_deref().expect("signed in");
    for moment in 0.. {
        if stop.is_cancelled() {
            return;
        }
        let acts = (0..AT_ONCE).map(|number| {
            // Through every server at once, so that no decision may depend on the state of one
            // server.
            let server = shared.server(number);
            let (query, variables) = act(&company, moment % 2 == 0);
            attempt(&client, server, token, query, variables)
        });
        let began = Instant::now();
        for payload in join_all(acts.collect::<Vec<_>>()).await {
            let mut outcome = outcome.lock().expect("no worker panicked");
            outcome.slowest = outcome.slowest.max(began.elapsed());
            match payload {
                Ok(payload) if payload["userErrors"] == json!([]) => outcome.granted += 1,
                Ok(_) => outcome.refused += 1,
                Err(error) => outcome.unanswered.push(format!("{error:#}")),
            }
        }
        let pause = rand::rng().random_range(PAUSE / 3..PAUSE);
        // Ends the pause early when it is stopped.
        let _over = tokio::time::timeout(pause, stop.cancelled()).await;
    }
}

/// A random mutation that moves seats. In a rush most operators want a seat, otherwise most release
/// one. The owner keeps theirs.
fn act(company: &Company, is_rush: bool) -> (&'static str, Value) {
    let mut random = rand::rng();
    let mut whom = || company.people.choose(&mut random).expect("a company has people").id.clone();
    let (one, other) = (whom(), whom());
    if random.random_bool(0.2) {
        let swap = "mutation($a: ID!, $b: ID!) { swapSeat(input: { fromOperatorId: $a, toOperatorId: $b }) { userErrors { __typename } } }";
        (swap, json!({ "a": one, "b": other }))
    } else if is_rush {
        (
            "mutation($a: ID!) { activateOperator(input: { operatorId: $a }) { userErrors { __typename } } }",
            json!({ "a": one }),
        )
    } else {
        (
            "mutation($a: ID!) { deactivateOperator(input: { operatorId: $a }) { userErrors { __typename } } }",
            json!({ "a": one }),
        )
    }
}

/// Counts the seats until it is stopped.
#[derive(Debug)]
pub struct SeatCount {
    stop: CancellationToken,
    counting: JoinHandle<usize>,
}

impl SeatCount {
    pub fn begin(db: DatabaseConnection) -> Self {
        let stop = CancellationToken::new();
        Self { stop: stop.clone(), counting: tokio::spawn(count(db, stop)) }
    }

    /// How often the seats were checked. Panics if a count was wrong.
    pub async fn end(self) -> usize {
        self.stop.cancel();
        self.counting.await.expect("no account exceeds its seats")
    }
}

/// Fails if an account ever has more active operators than seats.
async fn count(db: DatabaseConnection, stop: CancellationToken) -> usize {
    let query = "SELECT account.name, account.seats, COUNT(operator.id) FROM account
        JOIN operator ON operator.account_id = account.id AND operator.activated_at IS NOT NULL GROUP BY account.id";
    let mut checks = 0;
    while !stop.is_cancelled() {
        // Some stories kill the database.
        if let Ok(rows) = db_rows(&db, query).await {
            for row in rows {
                let name: String = row.try_get_by_index(0).expect("a name");
                let seats: i32 = row.try_get_by_index(1).expect("a number");
                let active: i64 = row.try_get_by_index(2).expect("a number");
                assert!(active <= i64::from(seats), "{name} has {active} active on {seats} seats");
            }
            checks += 1;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    checks
}
