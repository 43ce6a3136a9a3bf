//! Checks what depends on the database: itself, its migrations, the clock, who may sign up, and
//! whether other servers run on it.

use chrono::{DateTime, TimeDelta, Utc};
use edge::config::is_loopback;

use super::report::{Line, note, ok, wrong};
use crate::{
    app::{
        clock::Clock,
        db::{Inspection, Tables, inspect},
    },
    config::{Config, SignUp},
};

/// What was found in the database, and the time then.
#[derive(Debug)]
pub(super) struct Look {
    /// The error is one line.
    found: Result<Inspection, String>,
    now: DateTime<Utc>,
}

pub(super) async fn look(config: &Config) -> Look {
    let clock = Clock::system();
    let found = inspect(&config.database, &clock).await.map_err(|error| format!("{error:#}"));
    Look { found, now: clock.now() }
}

impl Look {
    pub fn database(&self) -> Vec<Line> {
        const SUBJECT: &str = "database";
        let found = match &self.found {
            Ok(found) => found,
            Err(error) => return vec![wrong(SUBJECT, format!("DESKBELL_DATABASE_URL: {error}"))],
        };
        if found.faults.is_empty() {
            return vec![ok(SUBJECT, found.place.as_str())];
        }
        found.faults.iter().map(|fault| wrong(SUBJECT, format!("DESKBELL_DATABASE_URL: {fault}"))).collect()
    }

    pub fn migrations(&self) -> Option<Line> {
        const SUBJECT: &str = "migrations";
        Some(match self.found.as_ref().ok()?.tables {
            Tables::Missing => ok(SUBJECT, "none yet: the first start creates the tables"),
            Tables::Unreadable => note(
                SUBJECT,
                "cannot be read without a change: the write-ahead log of the database has to be recovered, which the next start does",
            ),
            Tables::Read { unknown: 1.., .. } => note(
                SUBJECT,
                "a newer version has migrated this database: run that version, unless you are upgrading right now",
            ),
            Tables::Read { pending: 0, .. } => ok(SUBJECT, "all are applied"),
            Tables::Read { pending, .. } => note(
                SUBJECT,
                format!("{pending} pending, which the next start or `deskbell migrate` runs: make a backup before"),
            ),
        })
    }

    /// `None` if it cannot be said.
    fn has_account(&self) -> Option<bool> {
        match self.found.as_ref().ok()?.tables {
            Tables::Missing => Some(false),
            Tables::Unreadable => None,
            Tables::Read { has_account, .. } => Some(has_account),
        }
    }

    pub fn sign_up(&self, config: &Config) -> Line {
        const SUBJECT: &str = "sign-up";
        let base = config.http.public_base();
        match (config.sign_up, self.has_account()) {
            (SignUp::First | SignUp::On, Some(false)) => {
                ok(SUBJECT, format!("open: {base}/sign-up creates the first account"))
            }
            (SignUp::First, Some(true)) => ok(SUBJECT, "closed, because there is an account"),
            (SignUp::First, None) => ok(SUBJECT, "open until there is an account"),
            (SignUp::On, _) if is_loopback(&config.http.public_url) => ok(SUBJECT, "open"),
            (SignUp::On, _) => note(
                SUBJECT,
                format!(
                    "open: everyone who can reach {base} can create an account, unless DESKBELL_SIGN_UP is first or off"
                ),
            ),
            (SignUp::Off, Some(false)) => {
                note(SUBJECT, "closed, and there is no account: `deskbell account create` makes one")
            }
            (SignUp::Off, _) => ok(SUBJECT, "closed"),
        }
    }

    /// Whether servers on this database need a bus and have none.
    pub fn without_bus(&self, config: &Config) -> Line {
        const SUBJECT: &str = "bus";
        match self.found.as_ref().map_or(0, |found| found.servers) {
            _ if config.database.is_sqlite() => ok(SUBJECT, "none: SQLite has one server"),
            servers @ 2.. => note(
                SUBJECT,
                format!(
                    "none, and {servers} servers run on this database: they show each other's changes seconds later, until DESKBELL_BUS_URL is set on all of them"
                ),
            ),
            _ => ok(SUBJECT, "none, which a single server does not need"),
        }
    }

    pub fn clock(&self) -> Line {
        clock(self.now, self.found.as_ref().ok().and_then(|found| found.ahead))
    }
}

/// Years in which this version may run.
const YEARS: [&str; 2] = ["2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z"];
/// Links and sessions expire by the clock of each server.
const MOST_APART_S: i64 = 10;

fn clock(now: DateTime<Utc>, ahead: Option<TimeDelta>) -> Line {
    const SUBJECT: &str = "clock";
    let shown = now.format("%Y-%m-%d %H:%M:%S UTC");
    let [first, last] = YEARS.map(|year| year.parse::<DateTime<Utc>>().expect("a constant moment"));
    if now < first || now > last {
        return wrong(SUBJECT, format!("it shows {shown}: set the clock of this machine, such as by NTP"));
    }
    match ahead.map(|ahead| ahead.num_seconds()) {
        Some(seconds) if seconds.abs() > MOST_APART_S => {
            let side = if seconds > 0 { "ahead of" } else { "behind" };
            let seconds = seconds.abs();
            wrong(SUBJECT, format!("{seconds} s {side} the database's: synchronize both machines, such as by NTP"))
        }
        Some(_) => ok(SUBJECT, format!("{shown}, as the database's")),
        None => ok(SUBJECT, shown.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::check::report::Verdict;

    #[test]
    fn a_clock_is_plausible_and_agrees_with_the_databases() {
        for (now, ahead, verdict, part) in [
            ("2026-11-30T21:00:00Z", None, Verdict::Ok, "2026-11-30 21:00:00 UTC"),
            ("2026-11-30T21:00:00Z", Some(9), Verdict::Ok, "as the database's"),
            ("2026-11-30T21:00:00Z", Some(11), Verdict::Wrong, "11 s ahead of the database's"),
            ("2026-11-30T21:00:00Z", Some(-3_600), Verdict::Wrong, "3600 s behind the database's"),
            ("1970-01-01T00:02:00Z", None, Verdict::Wrong, "1970-01-01"),
            ("2262-01-01T00:00:00Z", Some(0), Verdict::Wrong, "2262-01-01"),
        ] {
            let line = clock(now.parse().expect("a moment"), ahead.map(TimeDelta::seconds));
            assert!(line.verdict == verdict && line.to_string().contains(part), "{line}");
        }
    }
}
