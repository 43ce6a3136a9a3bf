use entity::{AccountId, NoteId, OperatorId, VisitorId, message, note, visitor};
use uuid::Uuid;

use super::{follower::cut, *};
use crate::conversation::queries::{
    log::{Entry, PAGE_BYTES, fitting},
    shared::{Head, News},
};

fn at() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::UNIX_EPOCH
}

fn conversation(revision: i64, visitor_revision: i64, last_sequence: i32) -> conversation::Model {
    conversation::Model {
        id: ConversationId(Uuid::from_u128(1)),
        account_id: AccountId(Uuid::from_u128(2)),
        visitor_id: VisitorId(Uuid::from_u128(3)),
        status: conversation::Status::Pending,
        assignee_id: None,
        started_at: at(),
        closed_at: None,
        closed_by: None,
        waiting_since: None,
        last_sequence,
        revision,
        visitor_revision,
        last_message_sequence: Some(last_sequence),
        last_activity_at: at(),
        visitor_messages: last_sequence,
        operator_messages: 0,
        visitor_read_up_to: 0,
        visitor_read_operator_messages: 0,
        operator_read_up_to: 0,
        text_bytes: 0,
        page_url: None,
        page_title: None,
        page_referrer: None,
    }
}

fn visitor() -> visitor::Model {
    visitor::Model {
        id: VisitorId(Uuid::from_u128(3)),
        account_id: AccountId(Uuid::from_u128(2)),
        name: None,
        email: None,
        created_at: at(),
        last_seen_at: None,
        blocked_until: None,
        day_began_at: None,
        day_messages: 0,
        day_bytes: 0,
        version: 1,
    }
}

fn id(sequence: i32) -> Uuid {
    Uuid::from_u128(1_000 + u128::try_from(sequence).expect("positive"))
}

/// A message whose revisions are as given.
fn entry(sequence: i32, revision: i64, visitor_revision: i64) -> Entry {
    let message = message::Model {
        conversation_id: ConversationId(Uuid::from_u128(1)),
        sequence,
        id: id(sequence),
        account_id: AccountId(Uuid::from_u128(2)),
        author: message::Author::Visitor,
        visitor_id: None,
        operator_id: None,
        participation_id: None,
        client_message_id: None,
        text: Some(String::new()),
        event: None,
        sent_at: at(),
        visitor_messages: sequence,
        operator_messages: 0,
        revision,
        visitor_revision,
    };
    Entry { message: Arc::new(message), participation: None }
}

fn note(revision: i64) -> note::Model {
    note::Model {
        id: NoteId::new(),
        account_id: AccountId(Uuid::from_u128(2)),
        conversation_id: ConversationId(Uuid::from_u128(1)),
        operator_id: OperatorId::new(),
        text: String::new(),
        created_at: at(),
        revision,
    }
}

/// A state without kept messages: the last message has this sequence, and `notes` were written.
fn state(last_sequence: i32, notes: i64) -> State {
    let revision = i64::from(last_sequence) + notes;
    let head = Head {
        conversation: conversation(revision, last_sequence.into(), last_sequence),
        visitor: visitor(),
        newest: id(last_sequence),
    };
    State::at(head, Arc::default(), Vec::new())
}

/// What one read finds after this state, if `messages` were written.
fn news(after: &State, messages: i32) -> News {
    let before = &after.conversation;
    let (sequence, count) = (before.last_sequence, i64::from(messages));
    let now = conversation(before.revision + count, before.visitor_revision + count, sequence + messages);
    let entry = |n: i32| entry(sequence + n, before.revision + i64::from(n), before.visitor_revision + i64::from(n));
    News {
        messages: (1..=messages.min(101)).map(entry).map(Arc::new).collect(),
        conversation: Arc::new(now),
        visitor: Arc::new(visitor()),
    }
}

fn sequences(messages: &[Arc<Entry>]) -> Vec<i32> {
    messages.iter().map(|entry| entry.message.sequence).collect()
}

fn position(revision: i64, sequence: i32) -> Position {
    Position { revision, sequence, message: id(sequence) }
}

#[test]
fn messages_alone_need_no_other_read() {
    let old = state(5, 2);
    let new = old.with(&news(&old, 3)).expect("it is all");
    assert_eq!(new.position(Side::Visitor), position(8, 8));
    assert_eq!(new.position(Side::Operators), position(10, 8));
    assert_eq!(new.last_message.as_ref().map(|message| message.sequence), Some(8));
    assert_eq!(old.with(&news(&old, 100)).map(|state| state.conversation.last_sequence), Some(105));

    assert!(old.with(&news(&old, 101)).is_none(), "there may be more");
    let mut event = news(&old, 3);
    let mut row = message::Model::clone(&event.messages[1].message);
    row.event = Some(message::Event::OperatorLeft);
    event.messages[1] = Arc::new(Entry { message: Arc::new(row), participation: None });
    assert!(old.with(&event).is_none(), "an event changes who takes part");
    for (operators, visitor) in [(1, 0), (1, 1)] {
        let mut more = news(&old, 3);
        let row = &more.conversation;
        let row = conversation(row.revision + operators, row.visitor_revision + visitor, row.last_sequence);
        more.conversation = Arc::new(row);
        assert!(old.with(&more).is_none(), "a mark or a note");
    }
}

#[test]
fn a_follower_at_the_head_takes_from_the_state_and_one_that_is_behind_reads() {
    let old = state(5, 2);
    let behind = (position(4, 4), position(6, 4));
    let head = (old.position(Side::Visitor), old.position(Side::Operators));
    let mut new = old.clone();
    for _ in 0..5 {
        new = new.with(&news(&new, 20)).expect("it is all");
    }
    for (side, head, behind) in [(Side::Visitor, head.0, behind.0), (Side::Operators, head.1, behind.1)] {
        let (messages, notes) = new.after(side, head).expect("kept");
        assert_eq!((sequences(&messages), notes.len()), ((6..=105).collect(), 0), "{side:?}");
        assert!(new.after(side, behind).is_none(), "{side:?}");
        assert_eq!(new.after(side, new.position(side)).expect("kept").0.len(), 0);
    }
    // One message more than is kept.
    let newer = new.with(&news(&new, 1)).expect("it is all");
    assert!(newer.after(Side::Visitor, head.0).is_none() && newer.after(Side::Operators, head.1).is_none());
    let (messages, _) = newer.after(Side::Visitor, position(6, 6)).expect("kept");
    assert_eq!(sequences(&messages), (7..=106).collect::<Vec<_>>());
    assert_eq!(newer.after(Side::Operators, position(8, 6)).expect("kept").0.len(), 100);
}

#[test]
fn kept_notes_are_for_operators_and_bound_what_is_kept() {
    let old = state(5, 0);
    let mut new = state(5, 3);
    new.continue_from(&old, Vec::new(), (6..=8).map(note).collect(), &HashMap::new());
    let (messages, notes) = new.after(Side::Operators, old.position(Side::Operators)).expect("kept");
    assert_eq!((messages.len(), notes.iter().map(|note| note.revision).collect::<Vec<_>>()), (0, vec![6, 7, 8]));
    assert_eq!(new.after(Side::Visitor, old.position(Side::Visitor)).expect("kept").1.len(), 0);
    assert_eq!(new.position(Side::Visitor), old.position(Side::Visitor), "no trace");

    let mut newer = state(5, 103);
    newer.continue_from(&new, Vec::new(), (9..=108).map(note).collect(), &HashMap::new());
    assert!(newer.after(Side::Operators, position(7, 5)).is_none());
    assert_eq!(newer.after(Side::Operators, position(8, 5)).expect("kept").1.len(), 100);
    assert!(newer.after(Side::Visitor, position(5, 5)).is_some(), "the visitor lacks no message");

    // A gap: what was kept before it is dropped.
    let mut far = state(5, 300);
    far.continue_from(&newer, Vec::new(), (109..=209).map(note).collect(), &HashMap::new());
    assert!(far.after(Side::Operators, newer.position(Side::Operators)).is_none());
    assert!(far.after(Side::Operators, far.position(Side::Operators)).is_some());
}

fn long(entry: &Entry, bytes: usize) -> Entry {
    let text = Some("x".repeat(bytes));
    Entry { message: Arc::new(message::Model { text, ..(*entry.message).clone() }), participation: None }
}

#[test]
fn as_many_fit_into_a_page_as_their_texts_allow() {
    let fits = |lengths: &[usize]| {
        let rows: Vec<_> = lengths.iter().map(|bytes| long(&entry(1, 1, 1), *bytes)).collect();
        fitting(&rows)
    };
    assert_eq!(
        (fits(&[]), fits(&[PAGE_BYTES + 1]), fits(&[0, PAGE_BYTES, 1]), fits(&[0, PAGE_BYTES + 1])),
        (0, 1, 2, 1)
    );
    assert_eq!((fits(&[0; 100]), fits(&[0; 101]), fits(&[16_000; 5])), (100, 100, 4));
}

#[test]
fn long_messages_and_notes_are_cut_at_one_revision() {
    let start = position(0, 0);
    let messages = || (1..=10).map(|n| long(&entry(n, i64::from(n) * 2, n.into()), 16_000)).collect::<Vec<_>>();
    let notes =
        |bytes: usize| (0..10).map(|n| note::Model { text: "x".repeat(bytes), ..note(n * 2 + 1) }).collect::<Vec<_>>();
    let end = position(20, 10);
    let (page, marked, at) = cut(Side::Operators, start, end, messages(), notes(1));
    assert_eq!((page.len(), marked.len(), at), (4, 4, position(8, 4)));
    let (page, marked, at) = cut(Side::Operators, start, end, messages(), notes(40_000));
    assert_eq!((page.len(), marked.len(), at), (0, 1, Position { revision: 1, ..start }));
    let (page, _, at) = cut(Side::Visitor, start, position(10, 10), messages(), Vec::new());
    assert_eq!((page.len(), at), (4, position(4, 4)));
}

#[test]
fn a_state_keeps_the_last_messages_whose_texts_fit_into_a_page() {
    let start = state(1, 0);
    let mut news = news(&start, 10);
    news.messages = news.messages.iter().map(|entry| Arc::new(long(entry, 16_000))).collect();
    let state = start.with(&news).expect("messages only");
    let kept = state.after(Side::Visitor, position(7, 7)).expect("kept").0;
    assert_eq!(kept.iter().map(|entry| entry.message.sequence).collect::<Vec<_>>(), [8, 9, 10, 11]);
    assert!(state.after(Side::Visitor, position(6, 6)).is_none());
    assert!(
        state.after(Side::Operators, position(6, 6)).is_none()
            && state.after(Side::Operators, position(7, 7)).is_some()
    );
}

#[test]
fn messages_and_notes_are_cut_at_one_revision() {
    let start = position(0, 0);
    // Messages have the even revisions, notes the odd ones.
    let messages = |count: i32| (1..=count).map(|n| entry(n, i64::from(n) * 2, n.into())).collect::<Vec<_>>();
    let notes = |count: i64| (0..count).map(|n| note(n * 2 + 1)).collect::<Vec<_>>();
    let revisions = |notes: &[Arc<note::Model>]| notes.iter().map(|note| note.revision).collect::<Vec<_>>();

    let end = position(500, 150);
    let (page, marked, at) = cut(Side::Operators, start, end, messages(101), notes(101));
    assert_eq!((page.len(), marked.len(), at), (99, 100, Position { revision: 199, ..position(0, 99) }));
    assert_eq!(revisions(&marked).last(), Some(&199));
    let (page, marked, at) = cut(Side::Operators, start, end, messages(101), notes(5));
    assert_eq!((page.len(), marked.len(), at), (100, 5, position(200, 100)));
    let (page, marked, at) = cut(Side::Operators, start, end, Vec::new(), notes(101));
    assert_eq!((page.len(), marked.len(), at), (0, 100, Position { revision: 199, ..start }));
    let (page, marked, at) = cut(Side::Operators, start, end, messages(100), notes(100));
    assert_eq!((page.len(), marked.len(), at), (100, 100, end), "all of it");
    let (page, _, at) = cut(Side::Visitor, start, end, messages(101), Vec::new());
    assert_eq!((page.len(), at), (100, position(100, 100)), "the visitor's revision");
}

#[test]
fn a_side_is_shown_what_is_newer_for_it() {
    let first = state(5, 0);
    let shown = Some(Arc::new(first));
    let senders = Senders { operators: watch::Sender::new(shown.clone()), visitor: watch::Sender::new(shown) };
    let (mut operators, mut visitor) = (senders.operators.subscribe(), senders.visitor.subscribe());
    let mut changed = || {
        let changed = (operators.has_changed().expect("open"), visitor.has_changed().expect("open"));
        operators.mark_unchanged();
        visitor.mark_unchanged();
        changed
    };
    senders.show(Some(state(5, 1)));
    assert_eq!(changed(), (true, false), "a note");
    senders.show(Some(state(6, 1)));
    assert_eq!(changed(), (true, true), "a message");
    senders.show(Some(state(5, 1)));
    assert_eq!(changed(), (false, false), "a late read");
    senders.show(None);
    assert_eq!(changed(), (true, true), "deleted");
    senders.show(Some(state(7, 1)));
    assert_eq!(changed(), (false, false), "for ever");
}
