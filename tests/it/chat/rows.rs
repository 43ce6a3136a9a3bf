//! Rows of conversations, inserted without the rules: for stories about reads only.

use std::sync::atomic::{AtomicI32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{app::App, bus::Topic};
use entity::{
    AccountId, ConversationId, NoteId, OperatorId, ParticipationId, VisitorId,
    conversation::{self, ClosedBy, Status},
    conversation_mark as mark, message, note, participation, visitor,
};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::support::{Account, Person, TestApp};

/// Inserts rows of one account.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    app: &'a App,
    pub account_id: AccountId,
    /// When the test began.
    pub now: DateTime<Utc>,
}

impl<'a> Rows<'a> {
    pub fn of(app: &'a TestApp, account: &Account) -> Self {
        Self { app: app.app(), account_id: account.db_key(), now: app.app().clock.now() }
    }

    /// A number of minutes before the test began.
    pub fn ago(&self, minutes: i64) -> DateTime<Utc> {
        self.now - TimeDelta::minutes(minutes)
    }

    async fn insert<A>(&self, row: A) -> <A::Entity as EntityTrait>::Model
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let work = self.app.begin().await.expect("a transaction");
        let row = row.insert(&*work).await.expect("inserted");
        work.commit().await.expect("committed");
        row
    }

    /// Publishes that the account's lists have changed.
    pub async fn db_announce(&self) {
        let mut work = self.app.begin().await.expect("a transaction");
        work.announce(Topic::ConversationList(self.account_id).at(0));
        work.commit().await.expect("committed");
    }

    pub async fn db_visitor(&self, name: &str) -> VisitorId {
        let row = visitor::ActiveModel {
            id: Set(VisitorId::new()),
            account_id: Set(self.account_id),
            name: Set(Some(name.to_owned())),
            created_at: Set(self.now),
            version: Set(1),
            ..Default::default()
        };
        self.insert(row).await.id
    }

    /// A conversation with a visitor of its own: pending, without messages.
    pub async fn db_conversation(&self, set: impl FnOnce(&mut conversation::ActiveModel)) -> conversation::Model {
        let visitor_id = self.db_visitor("Vera").await;
        let mut row = conversation::ActiveModel {
            id: Set(ConversationId::new()),
            account_id: Set(self.account_id),
            visitor_id: Set(visitor_id),
            status: Set(Status::Pending),
            started_at: Set(self.now),
            last_activity_at: Set(self.now),
            ..Default::default()
        };
        set(&mut row);
        self.insert(row).await
    }

    /// A conversation whose visitor waits since this number of minutes.
    pub async fn db_waiting(&self, minutes: i64) -> conversation::Model {
        let since = self.ago(minutes);
        self.db_conversation(|row| row.waiting_since = Set(Some(since))).await
    }

    /// A conversation with this status whose last activity was this number of minutes ago.
    pub async fn db_active(&self, status: Status, minutes: i64) -> conversation::Model {
        let at = self.ago(minutes);
        self.db_conversation(|row| {
            row.status = Set(status);
            row.last_activity_at = Set(at);
            if status == Status::Closed {
                row.closed_at = Set(Some(at));
                row.closed_by = Set(Some(ClosedBy::Operator));
            }
        })
        .await
    }

    pub async fn db_change(&self, row: &conversation::Model, set: impl FnOnce(&mut conversation::ActiveModel)) {
        let mut row = row.clone().into_active_model();
        set(&mut row);
        row.revision = Set(row.revision.take().expect("a revision") + 1);
        let work = self.app.begin().await.expect("a transaction");
        row.update(&*work).await.expect("updated");
        work.commit().await.expect("committed");
    }

    /// A message with text, by the visitor if there is no operator.
    pub async fn db_message(
        &self,
        of: &conversation::Model,
        sequence: i32,
        operator: Option<&Person>,
        text: &str,
    ) -> message::Model {
        let row = message::ActiveModel {
            conversation_id: Set(of.id),
            sequence: Set(sequence),
            id: Set(Uuid::new_v4()),
            account_id: Set(self.account_id),
            author: Set(if operator.is_some() { message::Author::Operator } else { message::Author::Visitor }),
            visitor_id: Set(operator.is_none().then_some(of.visitor_id)),
            operator_id: Set(operator.map(Person::db_key)),
            participation_id: Set(None),
            client_message_id: Set(Some(format!("m{sequence}").into_bytes())),
            text: Set(Some(text.to_owned())),
            event: Set(None),
            sent_at: Set(self.now),
            visitor_messages: Set(0),
            operator_messages: Set(0),
            revision: Set(sequence.into()),
            visitor_revision: Set(sequence.into()),
        };
        self.insert(row).await
    }

    /// An event about an operator.
    pub async fn db_event(
        &self,
        of: &conversation::Model,
        sequence: i32,
        event: message::Event,
        operator: Option<&Person>,
    ) -> message::Model {
        let row = message::ActiveModel {
            conversation_id: Set(of.id),
            sequence: Set(sequence),
            id: Set(Uuid::new_v4()),
            account_id: Set(self.account_id),
            author: Set(message::Author::System),
            operator_id: Set(operator.map(Person::db_key)),
            event: Set(Some(event)),
            sent_at: Set(self.now),
            visitor_messages: Set(0),
            operator_messages: Set(0),
            revision: Set(sequence.into()),
            visitor_revision: Set(sequence.into()),
            ..Default::default()
        };
        self.insert(row).await
    }

    /// An operator who joined after those before.
    pub async fn db_joined(&self, of: &conversation::Model, who: OperatorId, left_at: Option<DateTime<Utc>>) {
        static NEXT: AtomicI32 = AtomicI32::new(1);
        let row = participation::ActiveModel {
            id: Set(ParticipationId::new()),
            account_id: Set(self.account_id),
            conversation_id: Set(of.id),
            operator_id: Set(who),
            joined_at: Set(self.now),
            joined_sequence: Set(NEXT.fetch_add(1, Ordering::Relaxed)),
            left_at: Set(left_at),
            card_key: Set("oc_1".to_owned()),
            public_name: Set("Eve".to_owned()),
            ..Default::default()
        };
        self.insert(row).await;
    }

    pub async fn db_mark(&self, of: &conversation::Model, who: OperatorId, read_up_to: i32, visitor_messages: i32) {
        let row = mark::ActiveModel {
            conversation_id: Set(of.id),
            operator_id: Set(who),
            account_id: Set(self.account_id),
            read_up_to: Set(read_up_to),
            visitor_messages: Set(visitor_messages),
        };
        self.insert(row).await;
    }

    pub async fn db_note(&self, of: &conversation::Model, who: OperatorId, text: &str, revision: i64) -> note::Model {
        let row = note::ActiveModel {
            id: Set(NoteId::new()),
            account_id: Set(self.account_id),
            conversation_id: Set(of.id),
            operator_id: Set(who),
            text: Set(text.to_owned()),
            created_at: Set(self.now),
            revision: Set(revision),
        };
        self.insert(row).await
    }
}

/// The global id of a conversation.
pub fn id_of(row: &conversation::Model) -> String {
    deskbell::graphql::id::conversation(row.id).to_string()
}
