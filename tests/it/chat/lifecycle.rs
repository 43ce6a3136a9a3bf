//! Each way in which a conversation changes, and what both sides then see.

use chrono::TimeDelta;
use deskbell::serve::Sweeper;
use entity::{ParticipationId, message, participation};
use sea_orm::{ColumnTrait as _, EntityTrait, QueryFilter as _, sea_query::Expr};
use serde_json::{Value, json};

use super::Scene;
use crate::support::{Answer, Person, chat::sequence};

const JUST_UNDER_A_DAY: TimeDelta = TimeDelta::minutes(24 * 60 - 1);
const TWO_MINUTES: TimeDelta = TimeDelta::minutes(2);

#[tokio::test]
async fn a_visitor_waits_from_the_first_message_that_no_operator_has_answered() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    scene.shows("PENDING waits", &[]).await;
    let since = async || ada.talk(talk).await["waitingSince"].clone();
    let sent = |answer: Answer| answer.granted().payload()["message"]["sentAt"].clone();
    let first = ada.messages_of(talk).await[0]["sentAt"].clone();
    assert_eq!(since().await, first);

    vera.writes("Anyone?").await.granted();
    assert_eq!(since().await, first, "the first of several counts");
    ada.joins(talk).await.granted();
    assert_eq!(since().await, first, "who joins has not answered");
    ada.answers(talk, "Hi").await.granted();
    assert_eq!(since().await, Value::Null);
    ada.answers(talk, "What is it?").await.granted();
    let second = sent(vera.writes("My order").await);
    vera.writes("It is late").await.granted();
    assert_eq!(since().await, second);
    ada.leaves(talk).await.granted();
    assert_eq!(since().await, second, "a return to the queue leaves it");
    scene
        .shows(
            "PENDING waits",
            &[
                "visitor: Anyone?",
                "ada joined",
                "ada: Hi",
                "ada: What is it?",
                "visitor: My order",
                "visitor: It is late",
                "ada left",
            ],
        )
        .await;
    ada.closes(talk).await.granted();
    assert_eq!(since().await, Value::Null, "closing ends the wait");
}

#[tokio::test]
async fn who_joins_first_is_responsible_and_joining_again_has_no_effect() {
    let scene = Scene::begin().await;
    let (ada, bob, talk) = (&scene.ada, &scene.bob, scene.talk.as_str());

    scene.done(ada, ada.joins(talk).await).await;
    scene.shows("OPEN ada* waits", &["ada joined"]).await;
    scene.has_no_effect(ada.joins(talk)).await;
    scene.done(bob, bob.joins(talk).await).await;
    scene.shows("OPEN ada* bob waits", &["ada joined", "bob joined"]).await;
    scene.has_no_effect(bob.joins(talk)).await;
}

#[tokio::test]
async fn an_operator_who_writes_joins_before_the_message() {
    let scene = Scene::begin().await;
    let (ada, bob, talk) = (&scene.ada, &scene.bob, scene.talk.as_str());

    let sent = ada.answers(talk, "Hi").await;
    assert_eq!(sequence(&sent.payload()["message"]), 3, "the event has a sequence of its own");
    scene.done(ada, sent).await;
    scene.shows("OPEN ada*", &["ada joined", "ada: Hi"]).await;
    scene.done(bob, bob.answers(talk, "Me, too").await).await;
    scene.done(ada, ada.answers(talk, "Fine").await).await;
    scene.shows("OPEN ada* bob", &["ada joined", "ada: Hi", "bob joined", "bob: Me, too", "ada: Fine"]).await;
}

#[tokio::test]
async fn who_leaves_hands_over_to_the_one_who_joined_earliest_and_the_last_one_returns_it() {
    let scene = Scene::begin().await;
    let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());
    scene.has_no_effect(ada.leaves(talk)).await;
    for who in [bob, ada, cy] {
        who.joins(talk).await.granted();
    }
    scene.shows("OPEN ada bob* cy waits", &["bob joined", "ada joined", "cy joined"]).await;

    scene.done(bob, bob.leaves(talk).await).await;
    scene.shows("OPEN ada* cy waits", &["bob joined", "ada joined", "cy joined", "bob left"]).await;
    scene.has_no_effect(bob.leaves(talk)).await;
    // Bob joined earliest of all, but was away.
    bob.joins(talk).await.granted();
    scene.done(ada, ada.leaves(talk).await).await;
    assert_eq!(scene.ada.shape_of(talk).await, "OPEN bob cy* waits");
    // One who is not responsible changes nothing else.
    scene.done(bob, bob.leaves(talk).await).await;
    assert_eq!(scene.ada.shape_of(talk).await, "OPEN cy* waits");
    scene.done(cy, cy.leaves(talk).await).await;
    let log = ["bob joined", "ada joined", "cy joined", "bob left", "bob joined", "ada left", "bob left", "cy left"];
    scene.shows("PENDING waits", &log).await;
}

#[tokio::test]
async fn who_joined_earliest_does_not_depend_on_the_clocks_of_servers() {
    for is_seat_lost in [false, true] {
        let scene = Scene::begin().await;
        let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());
        cy.joins(talk).await.granted();
        bob.joins(talk).await.granted();
        // The server on which Ada joins is behind: the time stands still, and its ids are lower.
        scene.app.app().clock.set_wall(TimeDelta::hours(-1));
        ada.joins(talk).await.granted();
        scene.db_lower_id_of_stay(ada).await;
        let query = "query($id: ID!) { node(id: $id) { ... on Conversation { participants { name } } }
            account { conversations { nodes { participants { name } } } } }";
        let read = ada.run(query, json!({ "id": talk })).await;
        for list in ["node.participants", "account.conversations.nodes.0.participants"] {
            assert_eq!(read.each(list, "name"), ["cy", "bob", "ada"], "{list}");
        }
        let mut follower = ada
            .watches(
                "subscription($id: ID!) { conversation(id: $id) { conversation { participants { name } } } }",
                json!({ "id": talk }),
            )
            .await;
        let item = follower.next().await;
        assert_eq!(item.each("conversation.conversation.participants", "name"), ["cy", "bob", "ada"]);
        let chat = scene.vera.chat().await;
        let seen: Vec<_> = chat["operators"].as_array().expect("a list").iter().map(|who| &who["publicName"]).collect();
        assert_eq!(seen, ["cy", "bob", "ada"]);

        if is_seat_lost {
            ada.deactivates(cy).await.granted();
        } else {
            cy.leaves(talk).await.granted();
        }

        assert_eq!(ada.shape_of(talk).await, "OPEN ada bob* waits");
    }
}

impl Scene {
    /// Gives the stay of an operator, who takes part in one conversation, an id that is lower than
    /// all others.
    async fn db_lower_id_of_stay(&self, who: &Person) {
        let work = self.app.app().begin().await.expect("a transaction");
        let stay = participation::Entity::find().filter(participation::COLUMN.operator_id.eq(who.db_key()));
        let stay = stay.one(&*work).await.expect("read").expect("a stay");
        let lowest = ParticipationId(uuid::Uuid::from_u128(1));
        message::Entity::update_many()
            .col_expr(message::Column::ParticipationId, Expr::value(lowest))
            .filter(message::COLUMN.participation_id.eq(stay.id))
            .exec(&*work)
            .await
            .expect("updated");
        participation::Entity::update_many()
            .col_expr(participation::Column::Id, Expr::value(lowest))
            .filter(participation::COLUMN.id.eq(stay.id))
            .exec(&*work)
            .await
            .expect("updated");
        work.commit().await.expect("committed");
    }
}

#[tokio::test]
async fn assigning_lets_the_former_one_leave_and_the_new_one_join() {
    let scene = Scene::begin().await;
    let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());

    // By one who has not joined, and to one who has not.
    scene.done(cy, cy.assigns(talk, ada).await).await;
    scene.shows("OPEN ada* waits", &["ada joined"]).await;
    scene.has_no_effect(cy.assigns(talk, ada)).await;
    bob.joins(talk).await.granted();
    cy.joins(talk).await.granted();
    scene.done(bob, bob.assigns(talk, cy).await).await;
    // Bob stays, and Cy has joined before.
    scene.shows("OPEN bob cy* waits", &["ada joined", "bob joined", "cy joined", "ada left"]).await;
    scene.done(cy, cy.assigns(talk, ada).await).await;
    scene
        .shows("OPEN ada* bob waits", &["ada joined", "bob joined", "cy joined", "ada left", "cy left", "ada joined"])
        .await;
}

#[tokio::test]
async fn assigning_to_no_operator_returns_the_conversation_to_the_queue() {
    let scene = Scene::begin().await;
    let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());
    scene.has_no_effect(cy.returns(talk)).await;
    bob.answers(talk, "Hi").await.granted();
    ada.joins(talk).await.granted();

    scene.done(cy, cy.returns(talk).await).await;

    let log = scene.cy.log_of(talk).await;
    assert_eq!(log[1..4], ["bob joined", "bob: Hi", "ada joined"]);
    let mut left = log[4..].to_vec();
    left.sort();
    assert_eq!(left, ["ada left", "bob left"], "their order does not matter");
    assert_eq!((scene.ada.shape_of(talk).await.as_str(), scene.vera.log().await), ("PENDING", log));
    scene.has_no_effect(cy.returns(talk)).await;
}

#[tokio::test]
async fn only_an_active_operator_of_the_account_is_assigned() {
    let scene = Scene::begin().await;
    let (ada, talk) = (&scene.ada, scene.talk.as_str());
    let dan = scene.acme.inactive("dan").await;
    let gone = scene.acme.inactive("gone").await;
    ada.removes(&gone).await.granted();
    let globex = scene.app.account(1).await;
    let eve = globex.limited("eve").await;

    scene.refuses(ada.assigns(talk, &dan), &["OperatorInactive"]).await;
    scene.refuses(ada.assigns(talk, &eve), &["OperatorNotFound"]).await;
    scene.refuses(ada.assigns(talk, &gone), &["OperatorNotFound"]).await;
    assert_eq!(ada.assigns(talk, &dan).await.faults(), ["operatorId: OperatorInactive"]);
    assert_eq!(ada.assigns(talk, &eve).await.faults(), ["operatorId: OperatorNotFound"]);
    // An id of another kind.
    let input = json!({ "conversationId": talk, "operatorId": talk });
    scene.refuses(ada.chats("assignConversation", input), &["OperatorNotFound"]).await;
}

#[tokio::test]
async fn closing_is_the_last_entry_and_the_assignee_stays_for_the_record() {
    let scene = Scene::begin().await;
    let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());
    ada.joins(talk).await.granted();
    bob.joins(talk).await.granted();

    // Cy has not joined.
    scene.done(cy, cy.closes(talk).await).await;
    scene.shows("CLOSED by OPERATOR (ada)", &["ada joined", "bob joined", "closed"]).await;
    let (row, last) = (ada.talk(talk).await, ada.messages_of(talk).await);
    assert_eq!(row["closedAt"], last[3]["sentAt"]);
    scene.has_no_effect(ada.closes(talk)).await;
    scene.has_no_effect(scene.vera.closes()).await;

    for refused in [ada.joins(talk).await, ada.answers(talk, "Late").await, ada.assigns(talk, bob).await] {
        assert_eq!(refused.refusals(), ["ConversationClosed"]);
    }
    assert_eq!(ada.returns(talk).await.refusals(), ["ConversationClosed"]);
    scene.has_no_effect(ada.leaves(talk)).await;
}

#[tokio::test]
async fn a_visitor_closes_their_own_chat() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    ada.joins(talk).await.granted();

    let closed = vera.closes().await.granted();

    assert_eq!(closed.payload()["chat"], vera.chat().await);
    scene.shows("CLOSED by VISITOR (ada)", &["ada joined", "closed"]).await;
    scene.has_no_effect(vera.closes()).await;
    scene.has_no_effect(ada.closes(talk)).await;
}

#[tokio::test]
async fn an_operator_reopens_the_latest_conversation_and_nobody_is_responsible_for_it() {
    let scene = Scene::begin().await;
    let (ada, bob, talk) = (&scene.ada, &scene.bob, scene.talk.as_str());
    scene.has_no_effect(ada.reopens(talk)).await;
    ada.joins(talk).await.granted();
    scene.has_no_effect(bob.reopens(talk)).await;
    ada.closes(talk).await.granted();

    scene.done(bob, bob.reopens(talk).await).await;

    scene.shows("PENDING", &["ada joined", "closed", "reopened"]).await;
    assert_eq!(ada.talk(talk).await["closedAt"], Value::Null);
    scene.has_no_effect(bob.reopens(talk)).await;
    bob.answers(talk, "One more thing").await.granted();
    scene.shows("OPEN bob*", &["ada joined", "closed", "reopened", "bob joined", "bob: One more thing"]).await;
}

#[tokio::test]
async fn of_several_conversations_of_a_visitor_only_the_latest_is_reopened() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    ada.closes(talk).await.granted();
    scene.app.later(TimeDelta::hours(25));
    vera.writes("Hello again").await.granted();
    let second = vera.db_conversation(&scene.app, &scene.acme).await;
    assert_ne!(second, talk);

    for _ in 0..2 {
        let refused = ada.reopens(talk).await;
        assert_eq!(refused.refusals(), ["NewerConversation"]);
        assert_eq!(refused.user_errors()[0]["conversation"]["id"], second.as_str());
        // Also once the later one is over.
        ada.closes(&second).await.granted();
    }
    ada.reopens(&second).await.granted();
}

#[tokio::test]
async fn a_visitor_who_writes_within_a_day_reopens_the_conversation() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    ada.joins(talk).await.granted();
    ada.closes(talk).await.granted();
    scene.app.later(JUST_UNDER_A_DAY);
    let id = vera.chat().await["id"].clone();

    let sent = vera.writes("One more question").await.granted();

    assert_eq!(sent.payload()["chat"], vera.chat().await);
    assert_eq!((&sent.payload()["chat"]["id"], sequence(&sent.payload()["message"])), (&id, 5));
    // Ada is available, so she stays responsible, and takes part again when she joins.
    let log = ["ada joined", "closed", "reopened", "visitor: One more question"];
    scene.shows("PENDING (ada) waits", &log).await;
    assert_eq!(ada.talk(talk).await["waitingSince"], sent.payload()["message"]["sentAt"]);
    scene.bob.joins(talk).await.granted();
    assert_eq!(ada.shape_of(talk).await, "OPEN (ada) bob waits");
    ada.joins(talk).await.granted();
    assert_eq!(ada.shape_of(talk).await, "OPEN ada* bob waits");
}

#[tokio::test]
async fn an_assignee_who_is_not_available_is_not_kept_when_a_visitor_reopens() {
    let scene = Scene::begin().await;
    let (ada, bob, vera, talk) = (&scene.ada, &scene.bob, &scene.vera, scene.talk.as_str());
    bob.answers(talk, "Hi").await.granted();
    bob.closes(talk).await.granted();
    ada.deactivates(bob).await.granted();
    assert_eq!(ada.shape_of(talk).await, "CLOSED by OPERATOR (bob)", "closed ones keep their assignee");

    vera.writes("One more question").await.granted();

    scene.shows("PENDING waits", &["bob joined", "bob: Hi", "closed", "reopened", "visitor: One more question"]).await;
}

#[tokio::test]
async fn a_visitor_who_writes_after_a_day_begins_another_conversation() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    ada.answers(talk, "Hi").await.granted();
    vera.closes().await.granted();
    let first = vera.chat().await["id"].clone();
    scene.app.later(JUST_UNDER_A_DAY + TWO_MINUTES);
    assert_eq!(vera.chat().await["id"], first, "it stays the latest until then");

    let sent = vera.writes("Hello again").await.granted();

    assert_eq!(sequence(&sent.payload()["message"]), 1);
    assert_ne!(vera.chat().await["id"], first);
    assert_eq!(vera.log().await, ["visitor: Hello again"]);
    let second = vera.db_conversation(&scene.app, &scene.acme).await;
    assert_eq!(ada.shape_of(&second).await, "PENDING waits");
    assert_eq!(ada.log_of(talk).await, ["visitor: Hello", "ada joined", "ada: Hi", "closed"], "the first is unchanged");

    let query = "query($key: String!) { chat(widgetKey: $key) { earlier { id messages { text } } } }";
    let earlier = vera.person.run(query, json!({ "key": vera.widget_key })).await;
    assert_eq!(earlier.each("chat.earlier", "id"), [first]);
    let query = "query($id: ID!) { node(id: $id) { ... on Conversation { visitor { conversations { id } } } } }";
    let both = ada.run(query, json!({ "id": talk })).await;
    let mut ids = both.each("node.visitor.conversations", "id");
    ids.sort_by_key(|id| *id != talk);
    assert_eq!(ids, [talk, second.as_str()]);
}

#[tokio::test]
async fn a_conversation_without_messages_for_a_day_is_closed_unless_the_visitor_waits() {
    let scene = Scene::begin().await;
    let (ada, vera, talk) = (&scene.ada, &scene.vera, scene.talk.as_str());
    let sweep = async || Sweeper::default().sweep(scene.app.app()).await;
    scene.app.later(TimeDelta::days(2));
    sweep().await;
    scene.shows("PENDING waits", &[]).await;

    ada.answers(talk, "Sorry").await.granted();
    scene.app.later(JUST_UNDER_A_DAY);
    sweep().await;
    scene.shows("OPEN ada*", &["ada joined", "ada: Sorry"]).await;
    scene.app.later(TWO_MINUTES);
    sweep().await;
    scene.shows("CLOSED by SILENCE (ada)", &["ada joined", "ada: Sorry", "closed"]).await;
    sweep().await;
    vera.writes("Never mind").await.granted();
    let log = ["ada joined", "ada: Sorry", "closed", "reopened", "visitor: Never mind"];
    scene.shows("PENDING (ada) waits", &log).await;
}

#[tokio::test]
async fn a_send_does_not_depend_on_availability() {
    let scene = Scene::begin().await;
    for who in [&scene.cy, &scene.bob, &scene.ada] {
        scene.acme.owner.deactivates(who).await.granted();
    }
    assert_eq!(scene.acme.visited("isAvailable").await.at("availability.isAvailable"), false);
    scene.vera.writes("Anyone?").await.granted();
    scene.shows("PENDING waits", &["visitor: Anyone?"]).await;
}
