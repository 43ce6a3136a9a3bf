//! Followed lists of conversations: a channel for each account with followers.
//!
//! After a change a channel sends its followers new shared reads, at most once per [`PUSH_EVERY`].
//! The first follower that needs a read runs it, and the others use its result. All lists without
//! closed conversations are filters of one read, so a change costs the same however many follow.
//!
//! The topic has no counted version: each event counts, and after a gap all followers read again.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use edge::ledger::Who;
use entity::AccountId;
use futures_util::{Stream, StreamExt as _};
use sea_orm::DbErr;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_stream::wrappers::WatchStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::queries::{COUNTED, Count, Details, Filter, FindDetails, List, Listed, Wanted};
use crate::{
    app::{App, reads::Reads},
    bus::{Listener, Topic},
    page::{PageEnd, Window},
    presence,
};

/// The minimum interval between two pushes of one account.
const PUSH_EVERY: Duration = Duration::from_millis(250);
/// How many conversations that are not closed one read has. Lists of an account with more are read
/// one by one.
const IN_ONE_READ: u32 = 1_000;
/// Up to how many conversations the details of all are read together, whatever followers show.
const DETAILS_OF_ALL: usize = 200;

/// All followed lists. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lists(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    channels: Mutex<HashMap<AccountId, Weak<Channel>>>,
    /// The tasks that follow the topics.
    tasks: TaskTracker,
    closed: CancellationToken,
}

#[derive(Debug)]
struct Channel {
    account_id: AccountId,
    /// The reads since the last change.
    reads: watch::Receiver<Arc<Reads>>,
    /// Whether the reads were replaced too recently to be replaced again after a change.
    is_behind: Arc<AtomicBool>,
    lists: Weak<Inner>,
}

impl Lists {
    #[must_use]
    pub fn new(app: App) -> Self {
        Self(Arc::new(Inner {
            app,
            channels: Mutex::default(),
            tasks: TaskTracker::new(),
            closed: CancellationToken::new(),
        }))
    }

    /// Ends all channels, so that the database can be closed.
    pub async fn close(&self) {
        self.0.closed.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Reads that show the lists of an account as they are now, then new ones after each change.
    /// Skips to the latest if the follower lags. Ends when the server shuts down.
    pub fn follow(&self, account_id: AccountId) -> impl Stream<Item = Arc<Reads>> + Unpin + Send + 'static + use<> {
        let channel = self.channel(account_id);
        let is_behind = channel.is_behind.load(Ordering::Acquire);
        let mut is_first = true;
        // The stream keeps the channel open.
        WatchStream::new(channel.reads.clone()).map(move |reads| {
            let _held = &channel;
            // Reads from before a change would hide it until the channel sends new ones.
            if std::mem::take(&mut is_first) && is_behind { Arc::default() } else { reads }
        })
    }

    fn channel(&self, account_id: AccountId) -> Arc<Channel> {
        let mut channels = self.0.channels();
        // An upgraded channel must not be dropped under the lock: its `Drop` takes the lock.
        let ended = match channels.get(&account_id).and_then(Weak::upgrade) {
            Some(channel) if channel.reads.has_changed().is_ok() => return channel,
            ended => ended,
        };
        // All followers share the reads, so they count for the account.
        let app = self.0.app.for_who(Who::account(account_id.0));
        let (sender, reads) = watch::channel(Arc::<Reads>::default());
        let is_behind = Arc::new(AtomicBool::new(false));
        let channel =
            Arc::new(Channel { account_id, reads, is_behind: Arc::clone(&is_behind), lists: Arc::downgrade(&self.0) });
        channels.insert(account_id, Arc::downgrade(&channel));
        drop(channels);
        drop(ended);
        // Subscribe before the first read, or a change between the two is lost.
        let mut topics = Some(Topics::of(&app, account_id));
        let (supervisor, closed, sender) = (app.supervisor.clone(), self.0.closed.clone(), Arc::new(sender));
        let begin = move || {
            let (app, topics) = (app.clone(), topics.take());
            push(app, account_id, topics, Arc::clone(&sender), Arc::clone(&is_behind))
        };
        let pushes = async move { supervisor.keep_until_done("conversation lists", &closed, begin).await };
        self.0.tasks.spawn(self.0.closed.clone().run_until_cancelled_owned(pushes));
        channel
    }
}

impl Inner {
    fn channels(&self) -> MutexGuard<'_, HashMap<AccountId, Weak<Channel>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let Some(lists) = self.lists.upgrade() else { return };
        let mut channels = lists.channels();
        // Another one may have replaced this one in the meantime.
        if channels.get(&self.account_id).is_some_and(|channel| channel.strong_count() == 0) {
            channels.remove(&self.account_id);
        }
    }
}

/// What lists show: conversations, and the names of operators.
#[derive(Debug)]
struct Topics {
    list: Listener,
    account: Listener,
    /// Who types and who is here, which is not read from the database.
    presence: presence::Follow,
}

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changed {
    Rows,
    Presence,
}

impl Topics {
    fn of(app: &App, account_id: AccountId) -> Self {
        Self {
            list: app.bus.listen(Topic::ConversationList(account_id)),
            account: app.bus.listen(Topic::Account(account_id)),
            presence: app.presence.follow(account_id),
        }
    }

    async fn changed(&mut self) -> Changed {
        tokio::select! {
            biased;
            _ = self.list.next() => Changed::Rows,
            _ = self.account.next() => Changed::Rows,
            () = self.presence.changed() => Changed::Presence,
        }
    }

    fn catch_up(&mut self) {
        self.list.catch_up();
        self.account.catch_up();
    }
}

/// Sends new reads after each change until there is no follower. Without topics, changes may have
/// been missed: sends at once.
async fn push(
    app: App,
    account_id: AccountId,
    topics: Option<Topics>,
    sender: Arc<watch::Sender<Arc<Reads>>>,
    is_behind: Arc<AtomicBool>,
) {
    let mut has_missed = topics.is_none();
    let mut topics = topics.unwrap_or_else(|| Topics::of(&app, account_id));
    let mut pushed_at = None;
    loop {
        let mut changed = Changed::Rows;
        if !std::mem::take(&mut has_missed) {
            tokio::select! {
                () = sender.closed() => return,
                what = topics.changed() => changed = what,
            }
        }
        // What is sent after the pause includes every change during the pause.
        let until = pushed_at.map_or_else(Instant::now, |at| at + PUSH_EVERY);
        while changed == Changed::Presence {
            tokio::select! {
                biased;
                what = topics.changed() => changed = what,
                () = sleep_until(until) => break,
            }
        }
        if changed == Changed::Rows {
            is_behind.store(true, Ordering::Release);
            sleep_until(until).await;
            topics.catch_up();
            is_behind.store(false, Ordering::Release);
            sender.send_replace(Arc::default());
        } else {
            // The rows are as they were.
            sender.send_modify(|_| ());
        }
        pushed_at = Some(Instant::now());
    }
}

/// The first conversations of a list.
#[derive(Clone, Debug)]
pub struct Head {
    pub listed: Vec<Listed>,
    pub details: Arc<Details>,
    /// Number of conversations in the list, counted up to [`COUNTED`]. `None` if it was not
    /// requested.
    pub total: Option<i32>,
}

/// Reads the first conversations of a list, at most `first`.
pub async fn head(
    app: &App,
    reads: &Reads,
    account_id: AccountId,
    filter: &Filter,
    first: u32,
    with_total: bool,
) -> Result<Head, DbErr> {
    let find = |of: &[Listed]| FindDetails::new(account_id, Wanted::ALL, of.iter().map(|listed| &*listed.conversation));
    if !filter.closed {
        let all = reads.get(app, List(account_id, Filter::NOT_CLOSED, window(IN_ONE_READ))).await?;
        if all.len() <= IN_ONE_READ as usize {
            let mut listed: Vec<_> = all.iter().filter(|listed| filter.shows(&listed.conversation)).cloned().collect();
            let total = i32::try_from(listed.len().min(usize::try_from(COUNTED).unwrap_or(usize::MAX)))
                .ok()
                .filter(|_| with_total);
            listed.truncate(first as usize);
            let details = if all.len() <= DETAILS_OF_ALL { find(&all) } else { find(&listed) };
            return Ok(Head { listed, details: reads.get(app, details).await?, total });
        }
    }
    let page = reads.get(app, List(account_id, filter.clone(), window(first))).await?;
    let listed: Vec<_> = page.iter().take(first as usize).cloned().collect();
    let is_whole = listed.len() < first as usize;
    let total = match (with_total, is_whole) {
        (false, _) => None,
        // Counting could see a later list.
        (true, true) => i32::try_from(listed.len()).ok(),
        (true, false) => Some(reads.get(app, Count(account_id, filter.clone())).await?),
    };
    let details = reads.get(app, find(&listed)).await?;
    Ok(Head { listed, details, total })
}

fn window<K>(size: u32) -> Window<K> {
    Window { size, from: PageEnd::Start, after: None, before: None }
}
