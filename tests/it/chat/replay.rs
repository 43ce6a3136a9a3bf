//! What clients have after random operations, with connections that are cut and resumed, equals
//! what is read afresh.

use std::time::Duration;

use chrono::TimeDelta;
use deskbell::serve::Sweeper;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::Scene;
use crate::support::{Answer, Person, Replica, chat::Visitor};

/// Operations of a walk.
const STEPS: usize = 500;

/// Two visitors, four operators, and what each client has of their conversations.
struct Walk {
    scene: Scene,
    /// The visitors, and the conversation that each is in.
    visitors: [Visitor; 2],
    talks: [String; 2],
    people: [Person; 4],
    replicas: Vec<Replica>,
    random: StdRng,
    /// Number of operations with an effect, of cuts, and of conversations that began later.
    granted: usize,
    cuts: usize,
    begun: usize,
}

impl Walk {
    async fn begin(seed: u64) -> Self {
        // In every second walk, subscriptions rest whenever they can.
        let rest_after = if seed.is_multiple_of(2) { Duration::ZERO } else { Duration::from_secs(20) };
        let scene = Scene::with(|config| config.chat.rest_after = rest_after).await;
        let walt = Visitor::of(&scene.acme);
        let dan = scene.acme.inactive("dan").await;
        // Follows before the first message.
        let early = walt.follows().await;
        assert!(early.state.is_null());
        walt.writes("Good morning").await.granted();
        let talks = [scene.talk.clone(), walt.db_conversation(&scene.app, &scene.acme).await];
        let mut replicas = vec![early, scene.vera.follows().await, scene.vera.follows().await];
        for talk in &talks {
            for who in [&scene.ada, &dan] {
                replicas.push(who.follows(talk).await);
            }
        }
        let people = [scene.ada.clone(), scene.bob.clone(), scene.cy.clone(), dan];
        let random = StdRng::seed_from_u64(seed);
        Self {
            visitors: [scene.vera.clone(), walt],
            talks,
            people,
            scene,
            replicas,
            random,
            granted: 0,
            cuts: 0,
            begun: 0,
        }
    }

    fn pick(&mut self, most: usize) -> usize {
        self.random.random_range(0..most)
    }

    async fn operates(&mut self) -> Answer {
        let number = self.pick(2);
        let (visitor, talk) = (self.visitors[number].clone(), self.talks[number].clone());
        let talk = talk.as_str();
        let (who, whom) = (self.pick(4), self.pick(3) + 1);
        let (who, whom) = (&self.people[who].clone(), &self.people[whom].clone());
        let up_to = self.random.random_range(0..60);
        let what = self.pick(32);
        let owner = &self.scene.acme.owner;
        match what {
            0..8 => visitor.writes("Hm").await,
            8..14 => who.answers(talk, "Ah").await,
            14 => who.joins(talk).await,
            15 => who.leaves(talk).await,
            16 => who.assigns(talk, whom).await,
            17 => who.returns(talk).await,
            18 => who.closes(talk).await,
            19 => who.reopens(talk).await,
            20 => visitor.closes().await,
            21..23 => who.notes(talk, "Careful").await,
            23 => who.marks_read(talk, up_to).await,
            24 => visitor.reads_up_to(up_to).await,
            25 => visitor.does("updateChatVisitor", json!({ "name": format!("V{up_to}"), "email": null })).await,
            26 => owner.updates(whom, json!({ "publicName": format!("Operator {up_to}") })).await,
            27 => owner.deactivates(whom).await,
            28 => owner.swaps(whom, &self.people[1]).await,
            29 => visitor.sends("the same", "Again").await,
            _ => owner.activates(whom).await,
        }
    }

    /// Lets a day pass, so that the next message of a visitor whose conversation is closed begins
    /// another.
    async fn sleeps(&mut self) {
        let number = self.pick(2);
        if self.begun == 0 {
            // At least one later conversation begins in each walk.
            self.visitors[number].closes().await.granted();
        }
        self.scene.app.later(TimeDelta::hours(25));
        Sweeper::default().sweep(self.scene.app.app()).await;
        self.visitors[number].writes("Hello again").await.granted();
        let latest = self.visitors[number].db_conversation(&self.scene.app, &self.scene.acme).await;
        if self.talks[number] == latest {
            return;
        }
        // Operators write in the new conversation from now on, and still follow the one before.
        self.begun += 1;
        self.talks[number] = latest;
        self.replicas.push(self.people[0].follows(&self.talks[number]).await);
    }

    async fn checks(&mut self) {
        for replica in &mut self.replicas {
            if !replica.is_connected() {
                replica.resumes().await;
            }
            replica.catches_up().await;
        }
    }

    async fn runs(mut self) -> Self {
        for step in 0..STEPS {
            if step % 83 == 82 {
                self.sleeps().await;
            } else {
                let answer = self.operates().await;
                self.granted += usize::from(answer.is_granted());
            }
            let number = self.pick(self.replicas.len());
            match self.pick(6) {
                0 => {
                    self.replicas[number].is_cut();
                    self.cuts += 1;
                }
                1 if !self.replicas[number].is_connected() => self.replicas[number].resumes().await,
                _ => {}
            }
            if step % 20 == 19 {
                self.checks().await;
            }
        }
        self.checks().await;
        self
    }
}

/// Runs a walk. A client is told to drop what it had only when the visitor's next conversation
/// begins.
async fn walks(seed: u64) {
    let walk = Box::pin(Walk::begin(seed).await.runs()).await;
    assert!(walk.granted > STEPS / 3 && walk.cuts > STEPS / 20, "{} {}", walk.granted, walk.cuts);
    assert!(walk.begun > 0, "no later conversation began");
    let resets: usize = walk.replicas.iter().map(|replica| replica.resets).sum();
    assert!(resets <= walk.begun * 2, "{resets} resets, {} later conversations", walk.begun);
    let longest = walk.replicas.iter().map(|replica| replica.messages.len()).max();
    assert!(longest > Some(60), "the walk was too short: {longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_equal_what_is_read_afresh_after_the_first_walk() {
    Box::pin(walks(13)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_equal_what_is_read_afresh_after_the_second_walk() {
    Box::pin(walks(1_788)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_equal_what_is_read_afresh_after_the_third_walk() {
    Box::pin(walks(4_712)).await;
}

#[tokio::test]
async fn a_client_that_was_away_gets_all_that_it_missed_in_pages() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let (mut visitors, mut operators) = (vera.follows().await, ada.follows(talk).await);
    visitors.is_cut();
    operators.is_cut();
    for number in 0..120 {
        vera.writes(&format!("Question {number}")).await.granted();
        ada.answers(talk, &format!("Answer {number}")).await.granted();
        if number % 3 == 0 {
            ada.notes(talk, &format!("Note {number}")).await.granted();
        }
    }

    visitors.resumes().await;
    assert_eq!(visitors.messages.len(), 101, "the first page, after the first message");
    operators.resumes().await;
    visitors.catches_up().await;
    operators.catches_up().await;

    assert_eq!((visitors.messages.len(), operators.messages.len()), (242, 242));
    assert_eq!((operators.notes.len(), visitors.resets, operators.resets), (40, 0, 0));
    // Without a cursor, the latest page.
    let afresh = vera.follows().await;
    assert_eq!(afresh.messages.keys().copied().collect::<Vec<_>>(), (193..=242).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_later_conversation_takes_the_place_of_the_former_one() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let (mut open, mut away) = (vera.follows().await, vera.follows().await);
    ada.closes(talk).await.granted();
    for replica in [&mut open, &mut away] {
        replica.catches_up().await;
    }
    away.is_cut();
    let former = open.state["id"].clone();
    scene.app.later(TimeDelta::hours(25));

    vera.writes("Hello again").await.granted();

    away.resumes().await;
    for replica in [&mut open, &mut away] {
        replica.catches_up().await;
        assert_eq!((replica.resets, replica.messages.len()), (1, 1));
        assert_ne!(replica.state["id"], former);
    }
}
