//! Chats: visitors and operators write to each other.

mod cost;
mod feed;
mod followed;
mod lifecycle;
mod limits;
mod lists;
mod locks;
mod long;
mod marks;
mod metrics;
mod notes;
mod objects;
mod presence;
mod races;
mod replay;
mod rest;
mod rights;
mod rows;
mod seats;
mod secrets;
mod send;
mod sweeper;
mod text;

use std::time::Duration;

use deskbell::{config::Config, graphql::id};
use entity::conversation;
use sea_orm::EntityTrait;

use crate::support::{
    Account, Answer, Person, TestApp,
    chat::{Visitor, shape},
};

/// An account with three active operators, and a visitor who has written `Hello`.
struct Scene {
    app: TestApp,
    acme: Account,
    /// Has full access. The others have limited access.
    ada: Person,
    bob: Person,
    cy: Person,
    vera: Visitor,
    /// The global id of the conversation.
    talk: String,
}

impl Scene {
    async fn begin() -> Self {
        Self::with(|_| {}).await
    }

    /// A scene on a server with changed settings.
    async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start_with(|config| {
            // Stories let days pass.
            config.session.idle = Duration::from_hours(24 * 30);
            config.session.lifetime = Duration::from_hours(24 * 30);
            // Stories count statements.
            config.mail.poll = Duration::from_hours(1);
            set(config);
        })
        .await;
        let acme = app.account(3).await;
        let (ada, bob, cy) = (acme.full_access("ada").await, acme.limited("bob").await, acme.limited("cy").await);
        let vera = Visitor::of(&acme);
        vera.writes("Hello").await.granted();
        let talk = vera.db_conversation(&app, &acme).await;
        Self { app, acme, ada, bob, cy, vera, talk }
    }

    /// Checks what both sides see: the [`shape`], and the log as lines, without the first message.
    #[track_caller]
    fn shows<'a>(&'a self, expected: &'a str, log: &'a [&'a str]) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            assert_eq!(self.cy.shape_of(&self.talk).await, expected, "{caller}");
            // A visitor sees neither who is responsible nor who waits.
            let words = expected.split(' ').filter(|word| *word != "waits" && !word.starts_with('('));
            let visible = words.collect::<Vec<_>>().join(" ").replace('*', "");
            assert_eq!(shape(&self.vera.chat().await), visible, "{caller}");
            let seen = self.cy.log_of(&self.talk).await;
            assert_eq!(seen[0], "visitor: Hello", "{caller}");
            assert_eq!(seen[1..], *log, "{caller}");
            assert_eq!(self.vera.log().await, seen, "{caller}: both sides see the same");
        }
    }

    /// Checks that an operator's mutation was granted, and that its payload has the conversation as
    /// it is read afterwards.
    async fn done(&self, who: &Person, answer: Answer) {
        let answer = answer.granted();
        assert_eq!(answer.payload()["conversation"], who.talk(&self.talk).await, "the payload is the state");
    }

    /// Checks that a mutation changes nothing, and is granted.
    async fn has_no_effect(&self, mutation: impl Future<Output = Answer>) {
        let before = self.db_row().await;
        mutation.await.granted();
        assert_eq!(self.db_row().await, before, "it has no effect");
    }

    /// Checks that a mutation is refused for these reasons, and changes nothing.
    async fn refuses(&self, mutation: impl Future<Output = Answer>, kinds: &[&str]) {
        let before = self.db_row().await;
        let answer = mutation.await;
        assert_eq!(answer.refusals(), kinds);
        assert!(
            answer
                .payload()
                .as_object()
                .expect("a payload")
                .iter()
                .all(|(name, value)| { name == "userErrors" || value.is_null() }),
            "{:#}",
            answer.body
        );
        assert_eq!(self.db_row().await, before, "nothing is stored");
    }

    async fn db_row(&self) -> conversation::Model {
        self.db_row_of(&self.talk).await
    }

    async fn db_row_of(&self, talk: &str) -> conversation::Model {
        let key = id::conversation_key(&talk.into()).expect("an id");
        let row = conversation::Entity::find_by_id(key).one(self.app.app().db()).await;
        row.expect("read").expect("the conversation exists")
    }
}
