//! Turns: a limit for each client. Further callers wait in that client's queue.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::{Full, Who};

/// The queues of all clients. Cheap to clone.
///
/// Queues are served in rotation, so a client with a long queue does not delay others.
#[derive(Clone, Debug)]
pub struct Lines(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How many turns one client may have at once.
    each: usize,
    /// How many turns all clients may have at once.
    all: usize,
    /// How many callers may wait for each client.
    waiting: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: HashMap<Who, usize>,
    waiting: HashMap<Who, usize>,
    total: usize,
    lines: HashMap<Who, VecDeque<Waiter>>,
    /// Clients with a queue, the next one first.
    order: VecDeque<Who>,
    serial: u64,
}

#[derive(Debug)]
struct Waiter {
    serial: u64,
    granted: oneshot::Sender<()>,
}

/// A turn of one client. The next one begins when it is dropped.
#[derive(Debug)]
pub struct Turn {
    lines: Lines,
    who: Who,
}

/// A position in a queue. Dropping it leaves the queue, also when the turn is granted at the same
/// moment.
#[derive(Debug)]
struct Waiting {
    lines: Lines,
    who: Who,
    serial: u64,
    taken: bool,
}

enum Joined {
    Now(Turn),
    Later(Waiting, oneshot::Receiver<()>),
}

impl Joined {
    async fn turn(self) -> Turn {
        match self {
            Self::Now(turn) => turn,
            Self::Later(mut place, granted) => {
                granted.await.expect("a waiter is removed when it is granted or has left");
                place.taken = true;
                Turn { lines: place.lines.clone(), who: place.who }
            }
        }
    }
}

impl Turn {
    /// Ends the turn. The future waits for the next turn of the same client, even if its queue is
    /// full.
    pub(super) fn rest(self) -> impl Future<Output = Self> + Send + 'static {
        let (lines, who) = (self.lines.clone(), self.who);
        drop(self);
        async move { lines.join(who, usize::MAX).expect("a queue without a limit is never full").turn().await }
    }
}

impl Lines {
    /// `each` turns of one client at once, `all` of all clients, and `waiting` callers in one
    /// client's queue.
    #[must_use]
    pub fn new(each: usize, all: usize, waiting: usize) -> Self {
        Self(Arc::new(Inner { each, all, waiting, state: Mutex::default() }))
    }

    /// Waits for a turn. Cancel safe: a caller that is dropped leaves the queue.
    ///
    /// # Errors
    /// The client's queue is full.
    pub async fn enter(&self, who: Who) -> Result<Turn, Full> {
        Ok(self.join(who, self.0.waiting)?.turn().await)
    }

    /// How many turns a client has now.
    #[must_use]
    pub fn running(&self, who: Who) -> usize {
        self.state().running.get(&who).copied().unwrap_or_default()
    }

    /// How many callers wait in a client's queue.
    #[must_use]
    pub fn waiting(&self, who: Who) -> usize {
        self.state().waiting.get(&who).copied().unwrap_or_default()
    }

    /// How many turns all clients have.
    #[must_use]
    pub(crate) fn total(&self) -> usize {
        self.state().total
    }

    /// How many callers wait in all queues.
    #[must_use]
    pub(crate) fn total_waiting(&self) -> usize {
        self.state().lines.values().map(VecDeque::len).sum()
    }

    fn join(&self, who: Who, most: usize) -> Result<Joined, Full> {
        let mut state = self.state();
        if !state.lines.contains_key(&who) && state.may_run(who, &self.0) {
            state.start(who);
            return Ok(Joined::Now(Turn { lines: self.clone(), who }));
        }
        if who.counted().any(|(counted, shares)| {
            state.waiting.get(&counted).is_some_and(|count| *count >= most.saturating_mul(shares))
        }) {
            return Err(Full::Line { most });
        }
        state.serial += 1;
        let serial = state.serial;
        let (granted, receiver) = oneshot::channel();
        add(&mut state.waiting, who);
        if !state.lines.contains_key(&who) {
            state.order.push_back(who);
        }
        state.lines.entry(who).or_default().push_back(Waiter { serial, granted });
        Ok(Joined::Later(Waiting { lines: self.clone(), who, serial, taken: false }, receiver))
    }

    fn end(&self, who: Who) {
        let mut state = self.state();
        state.stop(who);
        state.grant(&self.0);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_run(&self, who: Who, limits: &Inner) -> bool {
        let room = |(counted, shares)| {
            self.running.get(&counted).copied().unwrap_or_default() < limits.each.saturating_mul(shares)
        };
        self.total < limits.all && who.counted().all(room)
    }

    fn start(&mut self, who: Who) {
        self.total += 1;
        add(&mut self.running, who);
    }

    fn stop(&mut self, who: Who) {
        self.total -= 1;
        subtract(&mut self.running, who);
    }

    /// Grants turns to waiting callers, one client after the other, while the limits allow it.
    fn grant(&mut self, limits: &Inner) {
        let mut passed_over = 0;
        while self.total < limits.all && passed_over < self.order.len() {
            let Some(who) = self.order.pop_front() else { return };
            if !self.may_run(who, limits) {
                self.order.push_back(who);
                passed_over += 1;
                continue;
            }
            let line = self.lines.get_mut(&who).expect("a client in the order has a line");
            let waiter = line.pop_front().expect("a line is removed with its last waiter");
            if line.is_empty() {
                self.lines.remove(&who);
            } else {
                self.order.push_back(who);
            }
            subtract(&mut self.waiting, who);
            self.start(who);
            passed_over = 0;
            // The receiver is never dropped under this lock, so a caller that has just left returns
            // the turn itself.
            let _ = waiter.granted.send(());
        }
    }

    /// Removes a waiter from its queue. False if it was already granted.
    fn leave(&mut self, who: Who, serial: u64) -> bool {
        let Some(line) = self.lines.get_mut(&who) else { return false };
        let Some(at) = line.iter().position(|waiter| waiter.serial == serial) else { return false };
        line.remove(at);
        if line.is_empty() {
            self.lines.remove(&who);
            self.order.retain(|other| *other != who);
        }
        subtract(&mut self.waiting, who);
        true
    }
}

fn add(counts: &mut HashMap<Who, usize>, who: Who) {
    for (counted, _) in who.counted() {
        *counts.entry(counted).or_default() += 1;
    }
}

fn subtract(counts: &mut HashMap<Who, usize>, who: Who) {
    for (counted, _) in who.counted() {
        if let Some(count) = counts.get_mut(&counted) {
            *count -= 1;
            // Removes the entry, because otherwise the map would keep every client forever.
            if *count == 0 {
                counts.remove(&counted);
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.lines.end(self.who);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.taken {
            return;
        }
        let waited = self.lines.state().leave(self.who, self.serial);
        if !waited {
            self.lines.end(self.who);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::BoxFuture};

    use super::{super::tests::client, *};

    fn waits(lines: &Lines, who: Who) -> BoxFuture<'static, Result<Turn, Full>> {
        let lines = lines.clone();
        let mut entering = async move { lines.enter(who).await }.boxed();
        assert!((&mut entering).now_or_never().is_none(), "it has to wait");
        entering
    }

    fn enters(lines: &Lines, who: Who) -> Turn {
        lines.enter(who).now_or_never().expect("it does not wait").unwrap()
    }

    fn is_empty(lines: &Lines) -> bool {
        let state = lines.state();
        state.total == 0
            && state.running.is_empty()
            && state.waiting.is_empty()
            && state.lines.is_empty()
            && state.order.is_empty()
    }

    #[test]
    fn callers_above_the_limit_wait_in_order() {
        let lines = Lines::new(2, usize::MAX, 10);
        let (ours, theirs) = (client("203.0.113.9"), client("203.0.113.8"));
        let (first, second) = (enters(&lines, ours), enters(&lines, ours));
        let mut third = waits(&lines, ours);
        let mut fourth = waits(&lines, ours);
        assert_eq!((lines.running(ours), lines.waiting(ours)), (2, 2));
        let other = enters(&lines, theirs);
        drop(first);
        let third = (&mut third).now_or_never().expect("its turn has come").unwrap();
        assert!((&mut fourth).now_or_never().is_none());
        assert!(lines.enter(ours).now_or_never().is_none(), "a new caller does not overtake waiting ones");
        drop((second, third));
        let fourth = fourth.now_or_never().expect("its turn has come").unwrap();
        assert_eq!((lines.running(ours), lines.waiting(ours)), (1, 0));
        drop((fourth, other));
        assert!(is_empty(&lines));
    }

    #[test]
    fn a_full_queue_refuses() {
        let lines = Lines::new(1, usize::MAX, 2);
        let who = client("203.0.113.9");
        let turn = enters(&lines, who);
        let waiting = [waits(&lines, who), waits(&lines, who)];
        assert_eq!(lines.enter(who).now_or_never().expect("at once").unwrap_err(), Full::Line { most: 2 });
        drop(waiting);
        drop(turn);
        assert!(is_empty(&lines));
    }

    #[test]
    fn a_turn_is_not_lost_when_its_waiter_leaves_as_it_is_granted() {
        let lines = Lines::new(1, usize::MAX, 10);
        let who = client("203.0.113.9");
        let turn = enters(&lines, who);
        let (leaves, mut stays) = (waits(&lines, who), waits(&lines, who));
        drop(turn);
        // Granted, but never taken.
        assert_eq!(lines.running(who), 1);
        drop(leaves);
        drop((&mut stays).now_or_never().expect("it is its turn").unwrap());
        drop(stays);
        assert!(is_empty(&lines));
    }

    #[test]
    fn clients_take_turns_under_the_limit_of_all() {
        let lines = Lines::new(2, 2, 10);
        let (crowd, other) = (client("203.0.113.9"), client("203.0.113.8"));
        let running = [enters(&lines, crowd), enters(&lines, crowd)];
        let mut waiting: Vec<_> = (0..4).map(|_| waits(&lines, crowd)).collect();
        let mut theirs = waits(&lines, other);
        let [first, second] = running;
        drop(first);
        let third = (&mut waiting[0]).now_or_never().expect("the crowd came first").unwrap();
        drop(second);
        let theirs = (&mut theirs).now_or_never().expect("then the other client").unwrap();
        assert!((&mut waiting[1]).now_or_never().is_none());
        drop((third, theirs));
        assert_eq!((lines.running(crowd), lines.waiting(crowd)), (2, 1));
        drop(waiting);
        assert!(is_empty(&lines));
    }

    #[test]
    fn a_client_at_its_limit_does_not_block_those_behind_it() {
        let lines = Lines::new(1, 2, 10);
        let (first, second, third) = (client("203.0.113.1"), client("203.0.113.2"), client("203.0.113.3"));
        let (running, other) = (enters(&lines, first), enters(&lines, second));
        let (more, theirs) = (waits(&lines, first), waits(&lines, third));
        drop(other);
        let theirs = theirs.now_or_never().expect("the turn is not the first client's").unwrap();
        drop((running, theirs, more));
        assert!(is_empty(&lines));
    }

    #[test]
    fn a_network_of_many_has_four_and_sixteen_shares() {
        let lines = Lines::new(1, usize::MAX, 1);
        let addresses =
            |from: u16, count: u16| (from..from + count).map(|net| client(&format!("2001:db8:1:{net:x}::1")));
        let mut turns = Vec::new();
        for who in addresses(0, 4) {
            turns.push(enters(&lines, who));
        }
        let fifth = waits(&lines, client("2001:db8:1:5::1"));
        for from in [0x100, 0x200, 0x300] {
            for who in addresses(from, 4) {
                turns.push(enters(&lines, who));
            }
        }
        let seventeenth = waits(&lines, client("2001:db8:1:400::1"));
        enters(&lines, client("2001:db8:2::1"));
        turns.clear();
        for waiting in [fifth, seventeenth] {
            drop(waiting.now_or_never().expect("its turn has come").unwrap());
        }
        assert!(is_empty(&lines));
    }
}
