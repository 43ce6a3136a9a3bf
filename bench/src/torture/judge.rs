//! Compares what clients have with the database, at the end of a run.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{
    QUIET, RIGHT_WITHIN, World,
    desk::Desk,
    history::{Archive, History, Stored},
    locked,
    replica::Talk,
    verdict::{Fault, Verdict},
    visitor::Life,
};
use crate::{clock::now, random::Random};

/// Waits until nothing changes and every client is right. Returns how long after the last change
/// one was wrong.
pub fn settle(world: &World, desks: &[Desk], archive: &Archive, random: &mut Random) -> anyhow::Result<Duration> {
    let (mut last, mut changed) = (archive.revision()?, now());
    let mut wrong_until = changed;
    loop {
        let wrong = differences(world, desks, random);
        if !wrong.is_empty() {
            wrong_until = now();
        }
        let revision = archive.revision()?;
        if revision != last {
            (last, changed) = (revision, now());
        }
        let is_late = wrong_until > changed + RIGHT_WITHIN;
        if wrong.is_empty() && now() > changed + QUIET || is_late {
            for (fault, why) in wrong {
                world.found(fault, || why);
            }
            return Ok(wrong_until.saturating_sub(changed));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Followers that lack a message, or whose state differs from the state read afresh.
fn differences(world: &World, desks: &[Desk], random: &mut Random) -> Vec<(Fault, String)> {
    let mut wrong = Vec::new();
    let mut compare = |whose: &str, seen: Option<(bool, Value)>, fresh: Option<Value>| match (seen, fresh) {
        (_, None) => wrong.push((Fault::Late, format!("{whose}: no answer"))),
        (Some((false, state)), _) => wrong.push((Fault::Late, format!("{whose} lacks messages of {state}"))),
        (Some((true, state)), Some(fresh)) if state != fresh => {
            wrong.push((Fault::Stale, format!("{whose} shows {state}, and the servers have {fresh}")));
        }
        (None, Some(fresh)) if !fresh.is_null() => {
            wrong.push((Fault::Late, format!("{whose} shows nothing of {fresh}")));
        }
        _ => {}
    };
    for life in current(world) {
        let fresh = life.read(world, random);
        let seen = locked(&life.replica).talks.last().map(|talk| (talk.is_complete(), talk.state.clone()));
        compare(&life.tag, seen, fresh);
    }
    for desk in desks {
        let wanted: Vec<_> =
            locked(&desk.known).iter().filter(|(_, known)| known.is_wanted).map(|(id, _)| id.clone()).collect();
        for id in wanted {
            let fresh = desk.read(world, random, &id);
            let known = locked(&desk.known);
            let seen = known[&id].replica.talks.last().map(|talk| (talk.is_complete(), talk.state.clone()));
            compare(&format!("operator {} of account {}", desk.number, desk.account), seen, fresh);
        }
    }
    wrong
}

fn current(world: &World) -> Vec<Arc<Life>> {
    let lives = locked(&world.lives);
    lives.iter().filter(|life| !life.is_over.load(Ordering::SeqCst)).cloned().collect()
}

/// Compares everything that clients know with the database.
pub fn check(world: &World, desks: &[Desk], archive: &Archive, random: &mut Random) -> anyhow::Result<()> {
    let history = archive.history()?;
    let mut found = Verdict::default();
    std::mem::swap(&mut found, &mut world.verdict());
    history.check_rows(&mut found);
    history.check_sends(&locked(&world.sent), &mut found);
    for life in locked(&world.lives).iter() {
        for talk in &locked(&life.replica).talks {
            history.check_log(&life.tag, "VISITOR", talk, &mut found);
        }
    }
    for desk in desks {
        for known in locked(&desk.known).values() {
            for talk in &known.replica.talks {
                history.check_log(&format!("operator {}", desk.id), "OPERATOR", talk, &mut found);
            }
        }
    }
    let deadlocks = archive.deadlocks()?;
    if deadlocks > 0 {
        found.found(Fault::Broken, || format!("{deadlocks} deadlocks"));
    }
    std::mem::swap(&mut found, &mut world.verdict());
    for life in current(world) {
        let Some(chat) = life.read(world, random).filter(|chat| !chat.is_null()) else { continue };
        let mark = locked(&life.marks).get(chat["id"].as_str().unwrap_or_default()).copied();
        let stored = locked(&life.replica).talks.last().and_then(|talk| found_in(&history, talk));
        let is_right = |stored: &Stored| stored.visitor_read_up_to;
        check_unread(world, &life.tag, &chat, stored.as_ref(), "OPERATOR", is_right, mark);
    }
    for desk in desks {
        for (id, stored) in history.talks.iter().filter(|(_, stored)| is_of(stored, desk.account)) {
            let Some(state) = desk.read(world, random, id) else { continue };
            let mark = locked(&desk.marks).get(id).copied();
            let read = |stored: &Stored| stored.marks.get(&desk.id).copied().unwrap_or_default();
            check_unread(world, &desk.id, &state, Some(stored), "VISITOR", read, mark);
        }
    }
    Ok(())
}

fn found_in(history: &History, log: &Talk) -> Option<Stored> {
    history.find(log.entries.values().find_map(|entry| entry.text.as_deref())?).cloned()
}

fn is_of(stored: &Stored, account: usize) -> bool {
    stored.tag().starts_with(&format!("a{account}v"))
}

/// Compares the read mark and the count of unread messages with a count over the whole log.
fn check_unread(
    world: &World,
    whose: &str,
    state: &Value,
    stored: Option<&Stored>,
    author: &str,
    read_up_to: impl Fn(&Stored) -> i32,
    acknowledged: Option<i32>,
) {
    let Some(stored) = stored else { return };
    let read = read_up_to(stored);
    let unread = stored.unread(author, read);
    if state["readUpTo"] != read || state["unreadCount"] != unread || acknowledged.is_some_and(|mark| mark > read) {
        world.found(Fault::Unread, || {
            format!(
                "{whose} read to {read}, acknowledged was {acknowledged:?}, {unread} are unread, and is shown {state}"
            )
        });
    }
}
