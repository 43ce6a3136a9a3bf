//! Races: many people at once, and the invariants that must still hold. An account never has more
//! active operators than seats, or more than one owner, and no operator acts after losing access.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use deskbell::account::rules::lock_by_id;
use entity::operator::{self, AccessLevel};
use futures_util::{StreamExt, future::join_all, stream};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;
use tokio::{sync::Mutex, time::timeout};

use crate::support::{Account, Answer, Person, TestApp, granted, refusals};

/// The number of operators who have a seat.
async fn winners(account: &Account) -> usize {
    let seen = account
        .owner
        .reads("{ account { seats { used } operators(isActive: true, first: 100) { totalCount } } }")
        .await;
    assert_eq!(seen.at("account.seats.used"), seen.at("account.operators.totalCount"));
    usize::try_from(seen.number("account.seats.used")).expect("not negative")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_who_race_for_five_seats_get_five() {
    let app = TestApp::start().await;
    let acme = app.account(5).await;
    let people = acme.profiles(64).await;
    let version = acme.version().await;

    let answers = join_all(people.iter().map(|person| acme.owner.activates(person))).await;

    assert_eq!(granted(&answers), 5);
    assert_eq!(refusals(&answers), ["SeatLimitReached"; 59]);
    assert_eq!(winners(&acme).await, 5);
    assert_eq!(app.db_active(&acme).await, 5);
    assert_eq!(acme.version().await, version + 5, "each activation counts once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_seat_is_given_once_in_every_round() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let people = acme.profiles(12).await;

    for round in 1..=12 {
        let answers = join_all(people.iter().map(|person| ada.activates(person))).await;

        assert_eq!(granted(&answers), 1, "round {round}");
        assert_eq!(refusals(&answers), ["SeatLimitReached"; 11], "round {round}");
        assert_eq!(app.db_active(&acme).await, 2, "round {round}");
        join_all(people.iter().map(|person| ada.deactivates(person))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn added_active_or_activated_or_swapped_in_the_last_seat_is_given_once() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let people = acme.profiles(6).await;

    for round in 1..=6 {
        let added = (0..3).map(|number| {
            let email = format!("r{round}n{number}@acme.example");
            ada.does(
                "addOperator",
                json!({ "name": "New", "email": email, "password": crate::support::PASSWORD, "isActive": true }),
            )
        });
        let activated = people[..2].iter().map(|person| ada.activates(person));
        // None of these has a seat, so each swap needs a free one.
        let swapped = people[2..4].iter().map(|person| ada.swaps(&people[5], person));
        let (added, activated, swapped) = tokio::join!(join_all(added), join_all(activated), join_all(swapped));
        let answers: Vec<_> = added.into_iter().chain(activated).chain(swapped).collect();

        assert_eq!(granted(&answers), 1, "round {round}");
        assert_eq!(app.db_active(&acme).await, 2, "round {round}");
        let list = ada.reads("{ account { operators(isActive: true) { nodes { id name } } } }").await;
        for id in list.each("account.operators.nodes", "id").iter().filter(|id| **id != ada.id) {
            ada.does("deactivateOperator", json!({ "operatorId": id })).await.granted();
        }
    }
}

/// The state of a run of random mutations.
struct Run<'a> {
    actors: Vec<&'a Person>,
    /// Operators who may be removed, and are then replaced by new ones.
    people: Mutex<Vec<Person>>,
    random: Mutex<StdRng>,
}

impl Run<'_> {
    async fn step(&self, number: usize) -> Answer {
        let (what, actor, [one, two, three], seats) = {
            let (mut random, people) = (self.random.lock().await, self.people.lock().await);
            let mut pick = || people[random.random_range(0..people.len())].clone();
            let picked = [pick(), pick(), pick()];
            (
                random.random_range(0..100),
                self.actors[random.random_range(0..self.actors.len())],
                picked,
                random.random_range(1..8),
            )
        };
        match what {
            0..40 => actor.activates(&one).await,
            40..60 => actor.deactivates(&one).await,
            60..75 => actor.swaps(&one, &two).await,
            75..90 => {
                let named = [&one.id, &two.id, &three.id];
                actor
                    .does("changePlan", json!({ "plan": "STANDARD", "seats": seats, "deactivateOperatorIds": named }))
                    .await
            }
            90..94 => actor.removes(&one).await,
            _ => {
                let (name, email) = (format!("New {number}"), format!("new{number}@acme.example"));
                let input =
                    json!({ "name": name, "email": email, "password": crate::support::PASSWORD, "isActive": true });
                let added = actor.does("addOperator", input).await;
                let person = actor.server().known(&added.payload()["operator"]);
                self.people.lock().await.push(person);
                added
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_concurrent_changes_no_reader_sees_more_active_operators_than_seats() {
    const STEPS: usize = 400;
    let app = TestApp::start().await;
    let acme = app.account(4).await;
    let (ada, bob) = (acme.inactive_full_access("ada").await, acme.inactive_full_access("bob").await);
    let run = Run {
        actors: vec![&acme.owner, &ada, &bob],
        people: Mutex::new(acme.profiles(12).await),
        random: Mutex::new(StdRng::seed_from_u64(7)),
    };
    let over = AtomicBool::new(false);

    let steps = async {
        let answers: Vec<_> =
            stream::iter(0..STEPS).map(|number| run.step(number)).buffer_unordered(24).collect().await;
        over.store(true, Ordering::Relaxed);
        answers
    };
    // As often as the server answers. A violation that falls between two checks is still visible in
    // the next one.
    let checks = async {
        let mut looks = 0;
        while !over.load(Ordering::Relaxed) {
            let (limit, used) = acme.seats().await;
            assert!(used <= limit, "{used} of {limit} seats were in use");
            looks += 1;
        }
        looks
    };
    let (answers, looks) = tokio::join!(steps, checks);

    let refused = refusals(&answers);
    let count = |kind: &str| refused.iter().filter(|refused| **refused == kind).count();
    let known = ["SeatLimitReached", "TooManyActiveOperators", "OperatorNotFound", "InvalidInput"];
    assert!(refused.iter().all(|kind| known.contains(kind)), "{refused:?}");
    // Without refusals and concurrent checks the run would test nothing.
    assert!(count("SeatLimitReached") > 10 && count("TooManyActiveOperators") > 0, "{refused:?}");
    assert!(granted(&answers) > STEPS / 4 && looks > 10, "{} granted, {looks} looks", granted(&answers));
    let (limit, used) = acme.seats().await;
    assert!(used <= limit);
    assert_eq!(i64::try_from(app.db_active(&acme).await).expect("few"), used);
    assert_eq!(i64::try_from(winners(&acme).await).expect("few"), used);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_demote_each_other_one_succeeds() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let (ada, bob) = (acme.inactive_full_access("ada").await, acme.inactive_full_access("bob").await);

    for round in 1..=8 {
        let (one, other) = tokio::join!(ada.changes_access(&bob, "LIMITED"), bob.changes_access(&ada, "LIMITED"));

        let codes: Vec<_> = one.codes().into_iter().chain(other.codes()).collect();
        assert_eq!(codes, ["FORBIDDEN"], "round {round}: {:#} {:#}", one.body, other.body);
        let (demoted, left) = if one.codes().is_empty() { (&bob, &ada) } else { (&ada, &bob) };
        assert_eq!(left.reads("{ viewer { accessLevel } }").await.at("viewer.accessLevel"), "FULL", "round {round}");
        left.changes_access(demoted, "FULL").await.granted();
    }
}

#[tokio::test]
async fn an_operator_demoted_while_waiting_to_rename_the_account_is_refused() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.inactive_full_access("ada").await;
    // Another change of the account is in flight.
    let work = app.app().begin().await.expect("a transaction");
    lock_by_id(&work, acme.db_key()).await.expect("the database answers");

    let mut renames = pin!(ada.does("updateAccount", json!({ "name": "Ada & Co" })));
    assert!(
        timeout(Duration::from_millis(500), renames.as_mut()).await.is_err(),
        "a rename waits for the account's lock"
    );
    let mut row: operator::ActiveModel = app.db_operator(&ada).await.into_active_model();
    row.access_level = Set(AccessLevel::Limited);
    row.update(&*work).await.expect("the row is updated");
    work.commit().await.expect("committed");

    assert_eq!(renames.await.code(), "FORBIDDEN");
    assert_eq!(acme.owner.reads("{ account { name } }").await.text("account.name"), acme.name);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_remove_each_other_one_stays() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;

    for round in 1..=6 {
        let (ada, bob) = (
            acme.inactive_full_access(&format!("ada{round}")).await,
            acme.inactive_full_access(&format!("bob{round}")).await,
        );
        let (one, other) = tokio::join!(ada.removes(&bob), bob.removes(&ada));

        // The later caller has lost the account, whether that is found at authentication or under
        // the lock.
        let codes: Vec<_> = one.codes().into_iter().chain(other.codes()).collect();
        assert_eq!(codes, ["UNAUTHENTICATED"], "round {round}: {:#} {:#}", one.body, other.body);
        let removed = [&ada, &bob].map(|person| app.db_operator(person));
        let removed = join_all(removed).await;
        assert_eq!(removed.iter().filter(|row| row.removed_at.is_some()).count(), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_concurrent_handover_and_removal_of_one_operator_never_both_succeed() {
    let app = TestApp::start().await;
    for round in 1..=8 {
        let acme = app.account(1).await;
        let (ada, bob) = (acme.inactive_full_access("ada").await, acme.inactive("bob").await);

        let (handed, removed) = tokio::join!(acme.owner.hands_over_to(&bob), ada.removes(&bob));

        let row = app.db_operator(&bob).await;
        let owner = ada.reads("{ account { owner { id } } }").await.text("account.owner.id").to_owned();
        if handed.is_granted() {
            assert_eq!(removed.refusals(), ["OwnerRequired"], "round {round}");
            assert!(row.is_owner && row.removed_at.is_none() && owner == bob.id, "round {round}");
        } else {
            assert_eq!((handed.refusals(), removed.refusals()), (vec!["OperatorNotFound"], vec![]), "round {round}");
            assert!(!row.is_owner && row.removed_at.is_some() && owner == acme.owner.id, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_that_is_handed_over_twice_at_once_has_one_owner() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let (ada, bob) = (acme.inactive("ada").await, acme.inactive("bob").await);

    let (one, other) = tokio::join!(acme.owner.hands_over_to(&ada), acme.owner.hands_over_to(&bob));

    assert_eq!(granted(&[one.clone(), other.clone()]), 1);
    assert_eq!(refusals(&[one, other]), ["OwnerRequired"]);
    let owners =
        ada.reads("{ account { operators { nodes { isOwner } } } }").await.each("account.operators.nodes", "isOwner");
    assert_eq!(owners.iter().filter(|is_owner| **is_owner == true).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_address_one_gets_it() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(1).await, app.account(1).await);
    let ours = acme.profiles(4).await;
    let theirs = globex.profiles(4).await;
    let email = json!({ "email": "Sam@example.com" });

    let (ours, theirs) = tokio::join!(
        join_all(ours.iter().map(|person| acme.owner.updates(person, email.clone()))),
        join_all(theirs.iter().map(|person| globex.owner.updates(person, email.clone())))
    );

    let answers: Vec<_> = ours.into_iter().chain(theirs).collect();
    assert_eq!(granted(&answers), 1);
    assert_eq!(refusals(&answers), ["EmailTaken"; 7]);
}
