//! Presence on one server, and on several that lose messages.

use std::collections::{BTreeMap, BTreeSet};

use edge::metrics::Metrics;
use entity::TokenKey;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use tokio::time::advance;

use super::{
    state::{LINGERS_FOR, MAX_FACTS, TYPING_EVERY, TYPING_FOR},
    *,
};

const MOMENT: Duration = Duration::from_millis(1);
const KEY: &str = "wk_acme";

fn place() -> Place {
    Place { account_id: AccountId::new(), conversation_id: ConversationId::new() }
}

fn presence() -> Presence {
    Presence::new(Bus::shared(&Metrics::new("deskbell")))
}

/// A server whose task runs, as far as it has a task.
fn running() -> Presence {
    let presence = presence();
    tokio::spawn(presence.clone().run(CancellationToken::new()));
    presence
}

fn here(presence: &Presence, place: Place, is_open: bool) -> HereGuard {
    presence.visitor_is_here(place, ChatKey::new(TokenKey::new(), KEY), is_open)
}

/// What the other servers are told, without questions.
fn told(presence: &Presence) -> Vec<(Subject, bool)> {
    let facts = presence.0.bus.unsent().expect("shared").take();
    let is = |fact| match fact {
        crate::bus::remote::Fact::Presence(PresenceFact::Is { subject, holds, .. }) => Some((subject, holds)),
        _ => None,
    };
    facts.into_iter().filter_map(is).collect()
}

fn typing(presence: &Presence, place: Place) -> (bool, Vec<OperatorId>) {
    let seen = presence.of(place.conversation_id);
    (seen.visitor_types, seen.operators_typing)
}

#[tokio::test(start_paused = true)]
async fn typing_expires_and_ends_with_a_message_or_when_the_person_stops() {
    let (presence, place, ada) = (running(), place(), OperatorId::new());
    let mut watch = presence.watch(place);
    assert_eq!(watch.now(), Seen::default());
    presence.types(place, Typer::Visitor, true);
    watch.changed().await;
    assert!(watch.now().visitor_types);
    let began = Instant::now();
    watch.changed().await;
    assert_eq!(watch.now(), Seen::default());
    assert!((TYPING_FOR..TYPING_FOR + PACE + MOMENT).contains(&began.elapsed()), "{:?}", began.elapsed());

    // Each sign begins the time again.
    presence.types(place, Typer::Visitor, true);
    advance(TYPING_FOR.saturating_sub(MOMENT)).await;
    presence.types(place, Typer::Visitor, true);
    advance(TYPING_FOR.saturating_sub(MOMENT)).await;
    presence.types(place, Typer::Operator(ada), true);
    assert_eq!(typing(&presence, place), (true, vec![ada]));
    presence.wrote(place, Typer::Visitor);
    assert_eq!(typing(&presence, place), (false, vec![ada]));
    presence.types(place, Typer::Operator(ada), false);
    assert_eq!(typing(&presence, place), (false, vec![]));
    let expected = BTreeSet::from([(1, false), (2, false)]);
    let last = told(&presence).into_iter().map(|(subject, holds)| match subject {
        Subject::VisitorTypes => (1, holds),
        Subject::OperatorTypes(_) => (2, holds),
        Subject::VisitorIsHere => (3, holds),
    });
    assert_eq!(last.collect::<BTreeSet<_>>(), expected);
    presence.types(place, Typer::Visitor, false);
    assert_eq!(told(&presence), [], "who does not type cannot stop");
    presence.wrote(place, Typer::Visitor);
    assert_eq!(told(&presence), [(Subject::VisitorTypes, false)], "another server may know of typing");

    drop(watch);
    advance(TYPING_FOR).await;
    lock(&presence.0.state).expire(Instant::now(), 1);
    assert!(lock(&presence.0.state).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_operator_types_once_in_three_seconds_and_stops_at_any_time() {
    let (presence, place, ada) = (presence(), place(), Typer::Operator(OperatorId::new()));
    let one = vec![(Subject::from(ada), true)];
    presence.types(place, ada, true);
    assert_eq!(told(&presence), one);
    advance(TYPING_EVERY.saturating_sub(MOMENT)).await;
    presence.types(place, ada, true);
    assert_eq!(told(&presence), [], "ignored");
    presence.types(place, ada, false);
    assert_eq!(told(&presence), [(ada.into(), false)]);
    presence.types(place, ada, true);
    assert_eq!(told(&presence), []);
    assert_eq!(typing(&presence, place), (false, vec![]));
    advance(MOMENT).await;
    presence.types(place, ada, true);
    assert_eq!(told(&presence), one);
    presence.types(place, Typer::Operator(OperatorId::new()), true);
    assert_eq!(typing(&presence, place).1.len(), 2, "each operator for themselves");
}

#[tokio::test(start_paused = true)]
async fn a_visitor_is_here_with_any_tab_and_for_a_while_after_the_last() {
    let (presence, place) = (running(), place());
    let mut watch = presence.watch(place);
    let (first, second) = (here(&presence, place, true), here(&presence, place, true));
    watch.changed().await;
    assert!(watch.now().visitor_is_here);
    presence.types(place, Typer::Visitor, true);
    drop(first);
    assert_eq!(typing(&presence, place), (true, vec![]), "the other tab is open");
    assert_eq!(told(&presence).len(), 2);
    drop(second);
    assert_eq!(typing(&presence, place), (false, vec![]), "typing ends with the connection");
    assert_eq!(told(&presence), [(Subject::VisitorTypes, false)]);

    // A page that loads again.
    advance(LINGERS_FOR.saturating_sub(MOMENT)).await;
    let third = here(&presence, place, true);
    advance(2 * LINGERS_FOR).await;
    assert!(presence.of(place.conversation_id).visitor_is_here);
    assert_eq!(told(&presence), []);
    watch.seen.mark_unchanged();
    drop(third);
    let left = Instant::now();
    watch.changed().await;
    assert_eq!(watch.now(), Seen::default());
    assert!((LINGERS_FOR..LINGERS_FOR + PACE + MOMENT).contains(&left.elapsed()), "{:?}", left.elapsed());
    assert_eq!(told(&presence), [(Subject::VisitorIsHere, false)]);
    drop(watch);
    assert!(lock(&presence.0.state).is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_of_visitors_of_closed_conversations() {
    let (presence, place) = (running(), place());
    let mut tab = here(&presence, place, false);
    assert!(presence.of(place.conversation_id).visitor_is_here, "on this server it is known");
    assert_eq!(told(&presence), []);
    presence.hear(Uuid::new_v4(), PresenceFact::WhoIsHere { account_id: None, whom: None });
    sleep(PACE).await;
    assert_eq!(told(&presence), []);
    tab.set_open(true);
    assert_eq!(told(&presence), [(Subject::VisitorIsHere, true)], "reopened");
    tab.set_open(false);
    tab.set_open(true);
    assert_eq!(told(&presence), []);
    tab.set_open(false);
    drop(tab);
    sleep(LINGERS_FOR + PACE).await;
    assert_eq!(told(&presence), [(Subject::VisitorIsHere, false)], "who was told of the one is told of the other");
}

#[tokio::test(start_paused = true)]
async fn a_question_that_may_be_lost_is_answered_and_each_question_names_what_is_followed() {
    let (presence, place) = (running(), place());
    let (_tab, peer) = (here(&presence, place, true), Uuid::new_v4());
    let _ = told(&presence);
    let questions = [
        PresenceFact::WhoIsHere { account_id: Some(place.account_id), whom: None },
        PresenceFact::WhoIsHere { account_id: None, whom: Some(peer) },
    ];
    for question in questions {
        presence.hear(peer, question);
        sleep(PACE).await;
        assert_eq!(told(&presence), [(Subject::VisitorIsHere, true)], "{question:?}");
    }
    presence.hear(peer, PresenceFact::WhoIsHere { account_id: Some(AccountId::new()), whom: None });
    sleep(PACE).await;
    assert_eq!(told(&presence), [], "nobody of that account is here");
    presence.peer_news(PeerNews::Doubtful(peer));
    sleep(PACE).await;
    assert_eq!(told(&presence), [(Subject::VisitorIsHere, true)], "the missing message may have been a question");

    // The first follower of an account asks all servers, and a server that appears is asked alone.
    let asked = || {
        let facts = presence.0.bus.unsent().expect("shared").take().into_iter();
        facts.map(|fact| format!("{fact:?}")).collect::<Vec<_>>()
    };
    let follows = [(); 2].map(|()| presence.follow(place.account_id));
    let question = |account_id, whom| {
        format!("{:?}", crate::bus::remote::Fact::Presence(PresenceFact::WhoIsHere { account_id, whom }))
    };
    assert_eq!(asked(), [question(Some(place.account_id), None)]);
    presence.peer_news(PeerNews::Appeared(peer));
    sleep(PACE).await;
    assert_eq!(asked(), [question(Some(place.account_id), Some(peer))]);
    let many: Vec<_> = (0..100).map(|_| presence.follow(AccountId::new())).collect();
    assert_eq!(asked().len(), many.len());
    presence.peer_news(PeerNews::Appeared(peer));
    sleep(PACE).await;
    assert_eq!(asked(), [question(None, Some(peer))], "of all accounts at once");
    drop((follows, many));
    presence.peer_news(PeerNews::Appeared(peer));
    sleep(PACE).await;
    assert_eq!(asked(), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_operators_typing_ends_with_the_operators_last_subscription() {
    let (presence, place, ada, bob) = (presence(), place(), OperatorId::new(), OperatorId::new());
    let guards = [ada, ada, bob].map(|who| presence.operator_follows(place, who));
    assert_eq!(presence.account_of(place.conversation_id), Some(place.account_id));
    for who in [ada, bob] {
        presence.types(place, Typer::Operator(who), true);
    }
    let [first, second, third] = guards;
    drop(first);
    assert_eq!(typing(&presence, place).1, [ada, bob]);
    drop(second);
    assert_eq!(typing(&presence, place).1, [bob]);
    drop(third);
    assert_eq!(typing(&presence, place).1, []);
    advance(TYPING_EVERY).await;
    lock(&presence.0.state).expire(Instant::now(), 1);
    assert!(lock(&presence.0.state).is_empty());
    assert_eq!(presence.account_of(place.conversation_id), None);
}

#[tokio::test(start_paused = true)]
async fn a_change_wakes_those_who_follow_the_conversation_or_its_account_only() {
    let (presence, place) = (running(), place());
    let beside = Place { conversation_id: ConversationId::new(), ..place };
    let (mut watch, mut other) = (presence.watch(place), presence.watch(beside));
    let (mut account, mut elsewhere) = (presence.follow(place.account_id), presence.follow(AccountId::new()));
    let tab = here(&presence, place, true);
    watch.changed().await;
    account.changed().await;
    assert!(!other.seen.has_changed().expect("open") && !elsewhere.changes.has_changed().expect("open"));
    let second = here(&presence, place, true);
    assert!(!watch.seen.has_changed().expect("open"), "nothing is different");
    drop((tab, second));
    sleep(LINGERS_FOR + PACE).await;
    assert!(watch.seen.has_changed().expect("open") && account.changes.has_changed().expect("open"));
    let waits = async {
        tokio::select! { () = other.changed() => (), () = elsewhere.changed() => () }
    };
    assert!(tokio::time::timeout(LINGERS_FOR, waits).await.is_err());
    drop((watch, other, account, elsewhere));
    assert!(lock(&presence.0.state).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_peers_say_is_believed_while_they_are_heard_and_is_bounded() {
    let (presence, place, peer, ada) = (running(), place(), Uuid::new_v4(), OperatorId::new());
    let is = |place: Place, subject, holds| {
        let Place { account_id, conversation_id } = place;
        PresenceFact::Is { account_id, conversation_id, subject, holds }
    };
    for subject in [Subject::VisitorIsHere, Subject::VisitorTypes, Subject::OperatorTypes(ada)] {
        presence.hear(peer, is(place, subject, true));
    }
    let all = Seen { visitor_types: true, operators_typing: vec![ada], visitor_is_here: true };
    assert_eq!(presence.of(place.conversation_id), all);
    assert_eq!(presence.account_of(place.conversation_id), None, "a peer may name a wrong account");
    let wrong = Place { account_id: AccountId::new(), ..place };
    presence.hear(peer, is(wrong, Subject::VisitorIsHere, false));
    assert_eq!(presence.of(place.conversation_id), all);

    // Two servers have a tab each. One falls silent, and the other closes the tab.
    let other = Uuid::new_v4();
    presence.hear(other, is(place, Subject::VisitorIsHere, true));
    presence.peer_news(PeerNews::Gone(peer));
    sleep(Duration::from_secs(10)).await;
    assert_eq!(presence.of(place.conversation_id), Seen { visitor_is_here: true, ..Seen::default() });
    presence.hear(other, is(place, Subject::VisitorIsHere, false));
    assert!(lock(&presence.0.state).is_empty(), "another server has waited already");

    // The database says which account it is.
    presence.hear(peer, is(wrong, Subject::VisitorIsHere, true));
    let watch = presence.watch(place);
    assert_eq!(presence.account_of(place.conversation_id), Some(place.account_id));
    presence.hear(peer, is(place, Subject::VisitorIsHere, false));
    drop(watch);
    assert!(lock(&presence.0.state).is_empty());

    for number in 0..MAX_FACTS as u128 + 100 {
        let place = Place { conversation_id: ConversationId(Uuid::from_u128(number + 1)), ..place };
        presence.hear(Uuid::from_u128(number), is(place, Subject::VisitorIsHere, true));
    }
    for _ in 0..100 {
        presence.hear(Uuid::new_v4(), is(place, Subject::OperatorTypes(OperatorId::new()), true));
    }
    assert_eq!(lock(&presence.0.state).sizes(), (MAX_FACTS, 0, MAX_FACTS));
    presence.peer_news(PeerNews::CutOff);
    sleep(Duration::from_secs(10)).await;
    assert!(lock(&presence.0.state).is_empty());
    for number in 0..1_000 {
        presence.hear(Uuid::from_u128(number), is(place, Subject::VisitorIsHere, true));
        presence.hear(peer, is(place, Subject::OperatorTypes(OperatorId::new()), true));
    }
    let (chats, deadlines, facts) = lock(&presence.0.state).sizes();
    assert!((chats, deadlines) == (1, 1) && facts <= 50, "{facts}");
}

/// Servers that send each other what they would send over the bus, and lose some of it.
struct World {
    random: StdRng,
    servers: BTreeMap<Uuid, Presence>,
    places: Vec<Place>,
    tabs: Vec<(Uuid, HereGuard)>,
    follows: Vec<(Uuid, Follow)>,
    /// Messages on their way: from whom, to whom, and the facts.
    sent: Vec<(Uuid, Uuid, Vec<PresenceFact>)>,
}

impl World {
    fn new(seed: u64) -> Self {
        let account_id = AccountId::new();
        let places = (0..4).map(|_| Place { account_id, ..place() }).collect();
        let mut world = Self {
            random: StdRng::seed_from_u64(seed),
            servers: BTreeMap::new(),
            places,
            tabs: Vec::new(),
            follows: Vec::new(),
            sent: Vec::new(),
        };
        for _ in 0..3 {
            world.starts();
        }
        world
    }

    fn starts(&mut self) {
        let id = Uuid::from_u128(self.random.random());
        let presence = running();
        for (known, server) in &self.servers {
            server.peer_news(PeerNews::Appeared(id));
            presence.peer_news(PeerNews::Appeared(*known));
        }
        self.follows.push((id, presence.follow(self.places[0].account_id)));
        self.servers.insert(id, presence);
    }

    fn dies(&mut self, id: Uuid) {
        self.servers.remove(&id);
        self.tabs.retain(|(server, _)| *server != id);
        self.follows.retain(|(server, _)| *server != id);
        // A message that comes after the silence makes the sender a peer again, which falls silent.
        self.sent.retain(|(from, to, _)| *from != id && *to != id);
        for server in self.servers.values() {
            server.peer_news(PeerNews::Gone(id));
        }
    }

    fn any(&mut self) -> Uuid {
        let all: Vec<_> = self.servers.keys().copied().collect();
        *all.choose(&mut self.random).expect("servers")
    }

    /// Each server sends what is queued.
    fn sends(&mut self) {
        for (from, server) in &self.servers {
            let facts: Vec<_> = server.0.bus.unsent().expect("shared").take();
            let facts: Vec<_> = facts
                .into_iter()
                .filter_map(|fact| match fact {
                    crate::bus::remote::Fact::Presence(fact) => Some(fact),
                    _ => None,
                })
                .collect();
            for to in self.servers.keys().filter(|to| *to != from && !facts.is_empty()) {
                self.sent.push((*from, *to, facts.clone()));
            }
        }
    }

    /// Delivers the oldest message of a pair of servers, or loses it, which the receiver notices.
    fn delivers(&mut self, at: usize, is_lost: bool) {
        let pair = |sent: &(Uuid, Uuid, Vec<PresenceFact>)| (sent.0, sent.1);
        let first = self.sent.iter().position(|sent| pair(sent) == pair(&self.sent[at])).expect("it is there");
        let (from, to, facts) = self.sent.remove(first);
        let server = &self.servers[&to];
        if is_lost {
            server.peer_news(PeerNews::Doubtful(from));
            return;
        }
        for fact in facts {
            if !matches!(fact, PresenceFact::WhoIsHere { whom: Some(whom), .. } if whom != to) {
                server.hear(from, fact);
            }
        }
    }

    async fn steps(&mut self) {
        let server = self.any();
        let place = *self.places.choose(&mut self.random).expect("places");
        let presence = self.servers[&server].clone();
        match self.random.random_range(0..100) {
            0..15 => self.tabs.push((server, here(&presence, place, true))),
            15..30 if !self.tabs.is_empty() => {
                let at = self.random.random_range(0..self.tabs.len());
                self.tabs.swap_remove(at);
            }
            30..40 => {
                let typer = if self.random.random() { Typer::Visitor } else { Typer::Operator(OperatorId::new()) };
                presence.types(place, typer, true);
            }
            40..45 => presence.types(place, Typer::Visitor, false),
            45..50 => presence.wrote(place, Typer::Visitor),
            50..53 if self.servers.len() > 2 => self.dies(server),
            53..56 if self.servers.len() < 4 => self.starts(),
            56..70 => self.sends(),
            70..90 if !self.sent.is_empty() => {
                let at = self.random.random_range(0..self.sent.len());
                let is_lost = self.random.random_range(0..10) == 0;
                self.delivers(at, is_lost);
            }
            _ => sleep(Duration::from_millis(self.random.random_range(0..4_000))).await,
        }
    }

    /// Lets everything arrive, and waits as long as is promised.
    async fn settles(&mut self) {
        for _ in 0..40 {
            self.sends();
            while !self.sent.is_empty() {
                self.delivers(0, false);
            }
            sleep(Duration::from_millis(250)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn all_servers_agree_whatever_is_lost_and_whoever_dies() {
    for seed in 0..60 {
        let mut world = World::new(seed);
        for _ in 0..300 {
            world.steps().await;
        }
        world.settles().await;
        for place in world.places.clone() {
            let is_here = world.tabs.iter().any(|(_, tab)| tab.place() == place);
            let expected = Seen { visitor_is_here: is_here, ..Seen::default() };
            for server in world.servers.values() {
                assert_eq!(server.of(place.conversation_id), expected, "seed {seed}");
            }
        }
        world.tabs.clear();
        world.follows.clear();
        world.settles().await;
        for server in world.servers.values() {
            assert!(lock(&server.0.state).is_empty(), "seed {seed}");
        }
    }
}
