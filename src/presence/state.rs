//! What is known of each conversation. All times are arguments, so that tests set them.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{AccountId, ConversationId, OperatorId};
use tokio::{
    sync::watch,
    time::{Duration, Instant},
};
use uuid::Uuid;

use super::{Place, Seen, Typer};
use crate::bus::{PresenceFact, Subject};

/// How long typing is shown after its last sign.
pub(super) const TYPING_FOR: Duration = Duration::from_secs(6);
/// An operator begins to type, or goes on, at most once in this time. For visitors a setting says
/// how often.
pub(super) const TYPING_EVERY: Duration = Duration::from_secs(3);
/// How long a visitor without a subscription is still here, and how long doubtful facts of another
/// server are still believed: a page that loads again, or a server that is asked again, ends
/// nothing.
pub(super) const LINGERS_FOR: Duration = Duration::from_secs(5);
/// Upper bound on facts in memory. Beyond it, no more are believed of other servers.
pub(super) const MAX_FACTS: usize = 100_000;
/// Upper bound on people who type in one conversation.
const MAX_TYPERS: usize = 20;
/// Upper bound on servers that one visitor is connected to.
const MAX_SERVERS: usize = 20;
/// With more followed accounts, a peer is asked for all accounts at once.
const MAX_QUESTIONS: usize = 64;

#[derive(Debug, Default)]
pub(super) struct State {
    /// Boxed, so that free places of the map are small: each open page of a visitor has one.
    chats: HashMap<ConversationId, Box<Chat>>,
    accounts: HashMap<AccountId, Account>,
    /// When a fact of a conversation ends next. One entry for each conversation at most.
    deadlines: BTreeSet<(Instant, ConversationId)>,
    /// Number of facts in `chats`.
    facts: usize,
    /// What the other servers must be told.
    pub told: Vec<PresenceFact>,
}

#[derive(Debug, Default)]
struct Account {
    /// The conversations in `chats`.
    conversations: HashSet<ConversationId>,
    followers: usize,
    /// `None` without followers.
    changes: Option<watch::Sender<()>>,
}

/// What is known of one conversation.
#[derive(Debug)]
struct Chat {
    account_id: AccountId,
    /// Whether this server knows the account from the database. Peers may name a wrong one.
    is_certain: bool,
    typing: Vec<(Typer, Typing)>,
    /// Subscriptions of the visitor on this server.
    tabs: usize,
    /// When the visitor stops being here, without a subscription.
    lingers_until: Option<Instant>,
    /// Whether the conversation is not closed.
    is_open: bool,
    /// Whether the other servers were told that the visitor is here.
    is_told: bool,
    /// The servers with a subscription of the visitor, each with the time when it is no longer
    /// believed. `None` while it is.
    elsewhere: Vec<(Uuid, Option<Instant>)>,
    /// Subscriptions of operators on this server.
    followers: Vec<(OperatorId, usize)>,
    watches: usize,
    /// `None` without watches.
    sender: Option<watch::Sender<Seen>>,
    /// What was shown last.
    shown: Seen,
    /// The entry in `deadlines`.
    due: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Typing {
    /// `None` while the person does not type.
    until: Option<Instant>,
    /// When the person may begin again.
    next_at: Option<Instant>,
}

impl Chat {
    fn new(account_id: AccountId, is_certain: bool) -> Self {
        Self {
            account_id,
            is_certain,
            typing: Vec::new(),
            tabs: 0,
            lingers_until: None,
            is_open: false,
            is_told: false,
            elsewhere: Vec::new(),
            followers: Vec::new(),
            watches: 0,
            sender: None,
            shown: Seen::default(),
            due: None,
        }
    }

    fn facts(&self) -> usize {
        self.typing.len() + self.elsewhere.len()
    }

    fn seen(&self, now: Instant) -> Seen {
        let is_later = |time: Option<Instant>| time.is_some_and(|time| time > now);
        let mut seen = Seen {
            visitor_is_here: self.tabs > 0
                || is_later(self.lingers_until)
                || self.elsewhere.iter().any(|(_, until)| until.is_none_or(|until| until > now)),
            ..Seen::default()
        };
        for (typer, typing) in &self.typing {
            match typer {
                _ if !is_later(typing.until) => {}
                Typer::Visitor => seen.visitor_types = true,
                Typer::Operator(operator_id) => seen.operators_typing.push(*operator_id),
            }
        }
        seen
    }

    /// Drops what has ended.
    fn expire(&mut self, now: Instant) {
        for (_, typing) in &mut self.typing {
            typing.until = typing.until.filter(|until| *until > now);
            typing.next_at = typing.next_at.filter(|next_at| *next_at > now);
        }
        self.typing.retain(|(_, typing)| typing.until.is_some() || typing.next_at.is_some());
        self.elsewhere.retain(|(_, until)| until.is_none_or(|until| until > now));
        self.lingers_until = self.lingers_until.filter(|until| *until > now);
    }

    /// When something ends next.
    fn next_end(&self) -> Option<Instant> {
        let typing = self.typing.iter().flat_map(|(_, typing)| [typing.until, typing.next_at]);
        typing.chain(self.elsewhere.iter().map(|(_, until)| *until)).chain([self.lingers_until]).flatten().min()
    }

    fn is_idle(&self) -> bool {
        self.facts() == 0
            && self.tabs == 0
            && self.lingers_until.is_none()
            && self.followers.is_empty()
            && self.watches == 0
    }

    fn typing(&mut self, typer: Typer) -> Option<&mut Typing> {
        let at = match self.typing.iter().position(|(known, _)| *known == typer) {
            Some(at) => at,
            None if self.typing.len() < MAX_TYPERS => {
                self.typing.push((typer, Typing::default()));
                self.typing.len() - 1
            }
            None => return None,
        };
        Some(&mut self.typing[at].1)
    }

    /// Ends typing; false if the person did not type.
    fn stops(&mut self, typer: Typer) -> bool {
        self.typing.iter_mut().any(|(known, typing)| *known == typer && typing.until.take().is_some())
    }

    fn is(&self, conversation_id: ConversationId, subject: Subject, holds: bool) -> PresenceFact {
        PresenceFact::Is { account_id: self.account_id, conversation_id, subject, holds }
    }
}

impl State {
    pub fn of(&self, conversation_id: ConversationId, now: Instant) -> Seen {
        self.chats.get(&conversation_id).map(|chat| chat.seen(now)).unwrap_or_default()
    }

    /// The account of a conversation, if this server has it from the database.
    pub fn account_of(&self, conversation_id: ConversationId) -> Option<AccountId> {
        self.chats.get(&conversation_id).filter(|chat| chat.is_certain).map(|chat| chat.account_id)
    }

    /// Whether a conversation of the account, or the account itself, is followed or has facts.
    pub fn knows(&self, account_id: AccountId) -> bool {
        self.accounts.contains_key(&account_id)
    }

    /// Changes a conversation that this server has read from the database.
    fn change<R>(
        &mut self,
        place: Place,
        now: Instant,
        change: impl FnOnce(&mut Chat, &mut Vec<PresenceFact>) -> R,
    ) -> R {
        let known = self.chats.get(&place.conversation_id);
        if known.is_some_and(|chat| chat.account_id != place.account_id) {
            // A peer has named a wrong account.
            self.move_to(place);
        }
        let chat =
            self.chats.entry(place.conversation_id).or_insert_with(|| Box::new(Chat::new(place.account_id, true)));
        chat.is_certain = true;
        self.accounts.entry(place.account_id).or_default().conversations.insert(place.conversation_id);
        self.touch(place.conversation_id, now, change).expect("it is there")
    }

    fn move_to(&mut self, place: Place) {
        let Some(chat) = self.chats.get_mut(&place.conversation_id) else { return };
        let from = std::mem::replace(&mut chat.account_id, place.account_id);
        self.leave(from, place.conversation_id);
    }

    /// Changes a conversation that is there, and shows what is different then.
    fn touch<R>(
        &mut self,
        conversation_id: ConversationId,
        now: Instant,
        change: impl FnOnce(&mut Chat, &mut Vec<PresenceFact>) -> R,
    ) -> Option<R> {
        let chat = self.chats.get_mut(&conversation_id)?;
        let before = chat.facts();
        let result = change(chat, &mut self.told);
        let was_here = chat.tabs > 0 || chat.lingers_until.is_some();
        chat.expire(now);
        if was_here && chat.tabs == 0 && chat.lingers_until.is_none() && std::mem::take(&mut chat.is_told) {
            self.told.push(chat.is(conversation_id, Subject::VisitorIsHere, false));
        }
        self.facts = self.facts + chat.facts() - before;

        let account_id = chat.account_id;
        let seen = chat.seen(now);
        if seen != chat.shown {
            if let Some(sender) = &chat.sender {
                sender.send_replace(seen.clone());
            }
            chat.shown = seen;
            if let Some(changes) = self.accounts.get(&account_id).and_then(|account| account.changes.as_ref()) {
                changes.send_replace(());
            }
        }
        let due = chat.next_end();
        if due != chat.due {
            let old = std::mem::replace(&mut chat.due, due);
            if let Some(old) = old {
                self.deadlines.remove(&(old, conversation_id));
            }
            if let Some(due) = due {
                self.deadlines.insert((due, conversation_id));
            }
        }
        if chat.is_idle() {
            self.chats.remove(&conversation_id);
            self.leave(account_id, conversation_id);
        }
        Some(result)
    }

    fn leave(&mut self, account_id: AccountId, conversation_id: ConversationId) {
        if let Some(account) = self.accounts.get_mut(&account_id) {
            account.conversations.remove(&conversation_id);
            if account.conversations.is_empty() && account.followers == 0 {
                self.accounts.remove(&account_id);
            }
        }
    }

    // ---- On this server ----

    /// A person types, or stops. More than one sign of an operator in [`TYPING_EVERY`] is ignored.
    pub fn types(&mut self, place: Place, typer: Typer, is_typing: bool, now: Instant) {
        if !is_typing {
            self.touch(place.conversation_id, now, |chat, told| {
                if chat.stops(typer) {
                    told.push(chat.is(place.conversation_id, typer.into(), false));
                }
            });
            return;
        }
        self.change(place, now, |chat, told| {
            let Some(typing) = chat.typing(typer) else { return };
            if matches!(typer, Typer::Operator(_)) {
                if typing.next_at.is_some_and(|next_at| next_at > now) {
                    return;
                }
                typing.next_at = Some(now + TYPING_EVERY);
            }
            typing.until = Some(now + TYPING_FOR);
            told.push(chat.is(place.conversation_id, typer.into(), true));
        });
    }

    /// A person has written, on this server. Other servers may know of typing that this one does
    /// not, so they are told in any case.
    pub fn wrote(&mut self, place: Place, typer: Typer, now: Instant) {
        self.touch(place.conversation_id, now, |chat, _| chat.stops(typer));
        let (Place { account_id, conversation_id }, subject) = (place, typer.into());
        self.told.push(PresenceFact::Is { account_id, conversation_id, subject, holds: false });
    }

    pub fn visitor_comes(&mut self, place: Place, is_open: bool, now: Instant) {
        self.change(place, now, |chat, told| {
            chat.tabs += 1;
            chat.lingers_until = None;
            open(chat, place.conversation_id, is_open, told);
        });
    }

    pub fn set_open(&mut self, place: Place, is_open: bool, now: Instant) {
        self.touch(place.conversation_id, now, |chat, told| open(chat, place.conversation_id, is_open, told));
    }

    pub fn visitor_goes(&mut self, place: Place, now: Instant) {
        self.touch(place.conversation_id, now, |chat, told| {
            chat.tabs -= 1;
            if chat.tabs == 0 {
                chat.lingers_until = Some(now + LINGERS_FOR);
                if chat.stops(Typer::Visitor) {
                    told.push(chat.is(place.conversation_id, Subject::VisitorTypes, false));
                }
            }
        });
    }

    pub fn operator_follows(&mut self, place: Place, operator_id: OperatorId, now: Instant) {
        self.change(place, now, |chat, _| match chat.followers.iter_mut().find(|(known, _)| *known == operator_id) {
            Some((_, count)) => *count += 1,
            None => chat.followers.push((operator_id, 1)),
        });
    }

    pub fn operator_goes(&mut self, place: Place, operator_id: OperatorId, now: Instant) {
        self.touch(place.conversation_id, now, |chat, told| {
            let Some(at) = chat.followers.iter().position(|(known, _)| *known == operator_id) else { return };
            chat.followers[at].1 -= 1;
            if chat.followers[at].1 == 0 {
                chat.followers.swap_remove(at);
                if chat.stops(Typer::Operator(operator_id)) {
                    told.push(chat.is(place.conversation_id, Subject::OperatorTypes(operator_id), false));
                }
            }
        });
    }

    pub fn watch(&mut self, place: Place, now: Instant) -> watch::Receiver<Seen> {
        self.change(place, now, |chat, _| {
            chat.watches += 1;
            let shown = chat.shown.clone();
            chat.sender.get_or_insert_with(|| watch::channel(shown).0).subscribe()
        })
    }

    pub fn unwatch(&mut self, place: Place, now: Instant) {
        self.touch(place.conversation_id, now, |chat, _| {
            chat.watches -= 1;
            if chat.watches == 0 {
                chat.sender = None;
            }
        });
    }

    /// An operator follows the account. The other servers are asked by the first one.
    pub fn follow(&mut self, account_id: AccountId) -> watch::Receiver<()> {
        let account = self.accounts.entry(account_id).or_default();
        account.followers += 1;
        if account.followers == 1 {
            self.told.push(PresenceFact::WhoIsHere { account_id: Some(account_id), whom: None });
        }
        account.changes.get_or_insert_with(|| watch::channel(()).0).subscribe()
    }

    pub fn unfollow(&mut self, account_id: AccountId) {
        let Some(account) = self.accounts.get_mut(&account_id) else { return };
        account.followers -= 1;
        if account.followers == 0 {
            account.changes = None;
            if account.conversations.is_empty() {
                self.accounts.remove(&account_id);
            }
        }
    }

    // ---- From other servers ----

    /// Takes a fact of another server.
    pub fn hear(&mut self, from: Uuid, place: Place, subject: Subject, holds: bool, now: Instant) {
        let id = place.conversation_id;
        match self.chats.get(&id) {
            Some(chat) if chat.account_id != place.account_id => return,
            Some(_) if !holds => {}
            None if !holds => return,
            _ if self.facts >= MAX_FACTS => return,
            Some(_) => {}
            None => {
                self.chats.insert(id, Box::new(Chat::new(place.account_id, false)));
                self.accounts.entry(place.account_id).or_default().conversations.insert(id);
            }
        }
        self.touch(id, now, |chat, _| match Typer::of(subject) {
            Some(typer) if holds => {
                if let Some(typing) = chat.typing(typer) {
                    typing.until = Some(now + TYPING_FOR);
                }
            }
            Some(typer) => {
                chat.stops(typer);
            }
            None => {
                let known = chat.elsewhere.iter().position(|(server, _)| *server == from);
                match known {
                    Some(at) if holds => chat.elsewhere[at].1 = None,
                    Some(at) => {
                        chat.elsewhere.swap_remove(at);
                    }
                    None if holds && chat.elsewhere.len() < MAX_SERVERS => chat.elsewhere.push((from, None)),
                    None => {}
                }
            }
        });
    }

    /// What these servers said ends after [`LINGERS_FOR`], unless they say it again.
    pub fn doubt(&mut self, is_doubtful: impl Fn(Uuid) -> bool, now: Instant) {
        let until = now + LINGERS_FOR;
        let affected: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, chat)| chat.elsewhere.iter().any(|(server, until)| until.is_none() && is_doubtful(*server)))
            .map(|(id, _)| *id)
            .collect();
        for id in affected {
            self.touch(id, now, |chat, _| {
                for (server, believed_until) in &mut chat.elsewhere {
                    if is_doubtful(*server) {
                        believed_until.get_or_insert(until);
                    }
                }
            });
        }
    }

    /// Asks a server which visitors are here, of all accounts that are followed.
    pub fn ask(&mut self, whom: Uuid) {
        let followed = self.accounts.iter().filter(|(_, account)| account.followers > 0).map(|(id, _)| Some(*id));
        let mut followed: Vec<_> = followed.take(MAX_QUESTIONS + 1).collect();
        if followed.len() > MAX_QUESTIONS {
            followed = vec![None];
        }
        let ask = |account_id| PresenceFact::WhoIsHere { account_id, whom: Some(whom) };
        self.told.extend(followed.into_iter().map(ask));
    }

    /// Tells who is here on this server, of these accounts.
    pub fn answer(&mut self, accounts: &HashSet<AccountId>) {
        for account_id in accounts {
            let conversations = self.accounts.get(account_id).map(|account| &account.conversations);
            for id in conversations.into_iter().flatten() {
                Self::tell_of(&mut self.chats, *id, &mut self.told);
            }
        }
    }

    /// [`State::answer`] for all accounts.
    pub fn answer_all(&mut self) {
        let all: Vec<_> = self.chats.keys().copied().collect();
        for id in all {
            Self::tell_of(&mut self.chats, id, &mut self.told);
        }
    }

    fn tell_of(chats: &mut HashMap<ConversationId, Box<Chat>>, id: ConversationId, told: &mut Vec<PresenceFact>) {
        let Some(chat) = chats.get_mut(&id) else { return };
        if chat.is_open && (chat.tabs > 0 || chat.lingers_until.is_some()) {
            chat.is_told = true;
            told.push(chat.is(id, Subject::VisitorIsHere, true));
        }
    }

    // ---- Time ----

    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// Ends what has ended, of `most` conversations. Returns whether there is more.
    pub fn expire(&mut self, now: Instant, most: usize) -> bool {
        for _ in 0..most {
            match self.deadlines.first() {
                Some((due, id)) if *due <= now => {
                    let id = *id;
                    self.touch(id, now, |_, _| ());
                }
                _ => return false,
            }
        }
        true
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        let counted: usize = self.chats.values().map(|chat| chat.facts()).sum();
        assert_eq!(self.facts, counted, "facts are counted");
        self.chats.is_empty() && self.accounts.is_empty() && self.deadlines.is_empty()
    }

    #[cfg(test)]
    pub fn sizes(&self) -> (usize, usize, usize) {
        (self.chats.len(), self.deadlines.len(), self.facts)
    }
}

/// Notes whether a conversation is open. The other servers are told of a visitor who is here while
/// it is, and later that the visitor has gone.
fn open(chat: &mut Chat, id: ConversationId, is_open: bool, told: &mut Vec<PresenceFact>) {
    chat.is_open = is_open;
    if is_open && chat.tabs > 0 && !chat.is_told {
        chat.is_told = true;
        told.push(chat.is(id, Subject::VisitorIsHere, true));
    }
}
