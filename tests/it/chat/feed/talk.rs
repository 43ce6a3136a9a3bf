//! A visitor and operators who write without the rules, so that each row is known.

use chrono::TimeDelta;
use deskbell::{access::identity::Visitor, app::Work, bus::Topic, graphql::id, visitor::TOKEN_VERSION};
use entity::{
    AccountId, ConversationId, NoteId, OperatorId, ParticipationId, VisitorId, conversation, conversation_mark,
    message, note, participation, visitor, visitor_token,
};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Account, Person, Stream, TestApp};

pub const CHAT: &str = "subscription($key: String!, $after: String) { chat(widgetKey: $key, after: $after) { \
    chat { id status lastSequence readUpTo readByOperatorUpTo unreadCount visitor { name email } operators { publicName } startedAt } \
    messages { sequence clientMessageId author operator { id publicName } text event sentAt } cursor isReset } }";
pub const CONVERSATION: &str = "subscription($id: ID!, $after: String) { conversation(id: $id, after: $after) { \
    conversation { id status visitor { name } assignee { name } participants { name } lastSequence lastMessage { text operator { name } } \
      readUpTo readByVisitorUpTo unreadCount waitingSince } \
    messages { sequence author operator { name } text event } notes { text operator { name } } cursor isReset } }";

/// A visitor who has written, and the latest conversation.
#[derive(Debug)]
pub struct Talk<'a> {
    pub app: &'a TestApp,
    pub acme: &'a Account,
    pub token: String,
    pub account_id: AccountId,
    pub row: conversation::Model,
    pub operators: Vec<(OperatorId, ParticipationId)>,
}

impl<'a> Talk<'a> {
    /// The visitor with this token writes first.
    pub async fn db_begins(app: &'a TestApp, acme: &'a Account, token: &str) -> Self {
        let (account_id, now, visitor_id) = (acme.db_key(), app.app().clock.now(), VisitorId::new());
        let holder = Visitor::of(token).expect("a token");
        let mut work = app.app().begin().await.expect("a transaction");
        let row = visitor::Model {
            id: visitor_id,
            account_id,
            name: Some("Vera".to_owned()),
            email: None,
            created_at: now,
            last_seen_at: None,
            blocked_until: None,
            day_began_at: None,
            day_messages: 0,
            day_bytes: 0,
            version: 1,
        };
        row.into_active_model().reset_all().insert(&*work).await.expect("a visitor");
        let row = visitor_token::Model {
            account_id,
            token_hash: holder.token_hash().to_vec(),
            key: holder.key_at(account_id),
            visitor_id,
            created_at: now,
        };
        row.into_active_model().reset_all().insert(&*work).await.expect("a token");
        work.announce(Topic::VisitorToken(holder.key_at(account_id)).at(TOKEN_VERSION));
        work.announce(Topic::Visitor(visitor_id).at(1));
        let row = Self::conversation(app, account_id, visitor_id);
        let mut talk = Self { app, acme, token: token.to_owned(), account_id, row, operators: Vec::new() };
        talk.row.clone().into_active_model().reset_all().insert(&*work).await.expect("a conversation");
        talk.append(&work, "hello", None).await;
        talk.save(work).await;
        talk
    }

    pub fn conversation(app: &TestApp, account_id: AccountId, visitor_id: VisitorId) -> conversation::Model {
        let now = app.app().clock.now();
        conversation::Model {
            id: ConversationId::new(),
            account_id,
            visitor_id,
            status: conversation::Status::Pending,
            assignee_id: None,
            started_at: now,
            closed_at: None,
            closed_by: None,
            waiting_since: Some(now),
            last_sequence: 0,
            revision: 0,
            visitor_revision: 0,
            last_message_sequence: None,
            last_activity_at: now,
            visitor_messages: 0,
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

    pub async fn work(&self) -> Work {
        self.app.app().begin().await.expect("a transaction")
    }

    /// Appends a text of the visitor, or an operator's.
    pub async fn append(
        &mut self,
        work: &Work,
        text: &str,
        by: Option<(OperatorId, ParticipationId)>,
    ) -> message::Model {
        let row = &mut self.row;
        row.last_sequence += 1;
        row.revision += 1;
        row.visitor_revision += 1;
        row.last_message_sequence = Some(row.last_sequence);
        if by.is_some() {
            row.operator_messages += 1;
        } else {
            row.visitor_messages += 1;
        }
        let message = message::Model {
            conversation_id: row.id,
            sequence: row.last_sequence,
            id: Uuid::new_v4(),
            account_id: row.account_id,
            author: if by.is_some() { message::Author::Operator } else { message::Author::Visitor },
            visitor_id: by.is_none().then_some(row.visitor_id),
            operator_id: by.map(|(id, _)| id),
            participation_id: by.map(|(_, id)| id),
            client_message_id: Some(Uuid::new_v4().as_bytes().to_vec()),
            text: Some(text.to_owned()),
            event: None,
            sent_at: self.app.app().clock.now(),
            visitor_messages: row.visitor_messages,
            operator_messages: row.operator_messages,
            revision: row.revision,
            visitor_revision: row.visitor_revision,
        };
        message.clone().into_active_model().reset_all().insert(&**work).await.expect("a message");
        message
    }

    /// Writes the counters, announces, and commits.
    pub async fn save(&self, mut work: Work) {
        self.row.clone().into_active_model().reset_all().update(&*work).await.expect("saved");
        work.announce(Topic::Conversation(self.row.id).at(self.row.revision));
        work.commit().await.expect("committed");
    }

    /// The visitor writes.
    pub async fn db_writes(&mut self, text: &str) {
        let work = self.work().await;
        self.append(&work, text, None).await;
        self.save(work).await;
    }

    /// Many messages in one commit.
    pub async fn db_write_many(&mut self, count: usize) {
        let work = self.work().await;
        for _ in 0..count {
            self.append(&work, "again", None).await;
        }
        self.save(work).await;
    }

    /// An operator joins and answers.
    pub async fn db_answers(&mut self, operator: &Person, text: &str) {
        let operator_id = operator.db_key();
        let work = self.work().await;
        let known = self.operators.iter().find(|(id, _)| *id == operator_id).copied();
        let by = if let Some(by) = known {
            by
        } else {
            let by = (operator_id, ParticipationId::new());
            self.join(&work, by).await;
            by
        };
        self.append(&work, text, Some(by)).await;
        self.save(work).await;
    }

    pub async fn join(&mut self, work: &Work, by: (OperatorId, ParticipationId)) {
        let row = participation::Model {
            id: by.1,
            account_id: self.account_id,
            conversation_id: self.row.id,
            operator_id: by.0,
            joined_at: self.app.app().clock.now(),
            joined_sequence: self.row.last_sequence + 1,
            left_at: None,
            card_key: by.1.0.simple().to_string(),
            public_name: "Olive".to_owned(),
            description: None,
            photo_hash: None,
            photo_side: None,
        };
        row.into_active_model().reset_all().insert(&**work).await.expect("a participation");
        self.operators.push(by);
        let row = &mut self.row;
        row.last_sequence += 1;
        row.revision += 1;
        row.visitor_revision += 1;
        row.status = conversation::Status::Open;
        row.assignee_id = Some(by.0);
        let event = message::Model {
            conversation_id: row.id,
            sequence: row.last_sequence,
            id: Uuid::new_v4(),
            account_id: row.account_id,
            author: message::Author::System,
            visitor_id: None,
            operator_id: Some(by.0),
            participation_id: Some(by.1),
            client_message_id: None,
            text: None,
            event: Some(message::Event::OperatorJoined),
            sent_at: self.app.app().clock.now(),
            visitor_messages: row.visitor_messages,
            operator_messages: row.operator_messages,
            revision: row.revision,
            visitor_revision: row.visitor_revision,
        };
        event.into_active_model().reset_all().insert(&**work).await.expect("an event");
    }

    pub async fn db_notes(&mut self, operator: &Person, texts: &[&str]) {
        let work = self.work().await;
        for text in texts {
            self.row.revision += 1;
            let row = note::Model {
                id: NoteId::new(),
                account_id: self.account_id,
                conversation_id: self.row.id,
                operator_id: operator.db_key(),
                text: (*text).to_owned(),
                created_at: self.app.app().clock.now(),
                revision: self.row.revision,
            };
            row.into_active_model().reset_all().insert(&*work).await.expect("a note");
        }
        self.save(work).await;
    }

    /// An operator has read what another had read before, so that the visitor sees no change.
    pub async fn db_reads_quietly(&mut self, operator: &Person) {
        let work = self.work().await;
        self.row.revision += 1;
        let row = conversation_mark::Model {
            conversation_id: self.row.id,
            operator_id: operator.db_key(),
            account_id: self.account_id,
            read_up_to: self.row.last_sequence,
            visitor_messages: self.row.visitor_messages,
        };
        row.into_active_model().reset_all().insert(&*work).await.expect("a mark");
        self.save(work).await;
    }

    /// The conversation is over, and the visitor begins another.
    pub async fn db_begins_again(&mut self) {
        let mut work = self.work().await;
        let now = self.app.app().clock.now();
        self.row.status = conversation::Status::Closed;
        self.row.closed_at = Some(now);
        self.row.revision += 1;
        self.row.visitor_revision += 1;
        self.row.clone().into_active_model().reset_all().update(&*work).await.expect("closed");
        work.announce(Topic::Conversation(self.row.id).at(self.row.revision));
        let visitor = visitor::Entity::find_by_id(self.row.visitor_id).one(&*work).await.expect("read").expect("a row");
        let mut visitor = visitor.into_active_model();
        visitor.version = sea_orm::ActiveValue::Set(2);
        visitor.update(&*work).await.expect("saved");
        work.announce(Topic::Visitor(self.row.visitor_id).at(2));
        self.row = Self::conversation(self.app, self.account_id, self.row.visitor_id);
        self.row.started_at = now + TimeDelta::seconds(1);
        self.row.clone().into_active_model().reset_all().insert(&*work).await.expect("a conversation");
        self.append(&work, "again", None).await;
        self.save(work).await;
    }

    pub async fn db_deletes_visitor(&self) {
        let mut work = self.work().await;
        visitor::Entity::delete_by_id(self.row.visitor_id).exec(&*work).await.expect("deleted");
        work.announce(Topic::Conversation(self.row.id).gone());
        work.announce(Topic::Visitor(self.row.visitor_id).gone());
        work.commit().await.expect("committed");
    }

    pub fn visitor(&self) -> Person {
        self.app.anonymous().with_token(&self.token)
    }

    pub async fn chat(&self, after: Option<&str>) -> Stream {
        self.visitor().watches(CHAT, json!({ "key": self.acme.widget_key, "after": after })).await
    }

    pub async fn conversation_of(&self, operator: &Person, after: Option<&str>) -> Stream {
        operator.watches(CONVERSATION, json!({ "id": id::conversation(self.row.id), "after": after })).await
    }
}
