//! The only writer of conversations and their messages.

use chrono::{DateTime, Utc};
use entity::{
    ConversationId, OperatorId, ParticipationId, VisitorId, conversation,
    conversation::{ClosedBy, Status},
    message,
    message::{Author, Event},
    operator, participation,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, ModelTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::{MAX_MESSAGES, announce, time_of_next};
use crate::{
    app::{App, Work},
    bus::Topic,
    input::{ChatText, ClientMessageId},
};

/// The changes of one conversation in one transaction. The caller holds the lock on its row, or the
/// lock of its visitor if it is new.
///
/// Each message has a revision of its own, so that no page of a log ends within a revision.
pub(super) struct Draft {
    /// `None` for a conversation that begins.
    before: Option<conversation::Model>,
    row: conversation::Model,
    messages: Vec<message::Model>,
    now: DateTime<Utc>,
    /// Something has changed that is not a message.
    is_touched: bool,
    /// The visitor can see it.
    is_visibly_touched: bool,
    /// A mark, a note or nothing that lists show.
    is_quiet: bool,
}

impl Draft {
    /// Of a conversation that was locked.
    pub fn of(app: &App, row: conversation::Model) -> Self {
        let now = time_of_next(app, &row);
        Self {
            before: Some(row.clone()),
            row,
            messages: Vec::new(),
            now,
            is_touched: false,
            is_visibly_touched: false,
            is_quiet: false,
        }
    }

    /// Of a conversation that begins.
    pub fn begin(app: &App, account_id: entity::AccountId, visitor_id: VisitorId) -> Self {
        let now = app.clock.now();
        let row = conversation::Model {
            id: ConversationId::new(),
            account_id,
            visitor_id,
            status: Status::Pending,
            assignee_id: None,
            started_at: now,
            closed_at: None,
            closed_by: None,
            waiting_since: None,
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
        };
        Self {
            before: None,
            row,
            messages: Vec::new(),
            now,
            is_touched: false,
            is_visibly_touched: false,
            is_quiet: false,
        }
    }

    pub fn row(&self) -> &conversation::Model {
        &self.row
    }

    /// The columns that a rule may change besides those that messages change.
    pub fn row_mut(&mut self) -> &mut conversation::Model {
        &mut self.row
    }

    /// Counts a change that is not a message.
    pub fn touch(&mut self, is_visible: bool) {
        self.is_touched = true;
        self.is_visibly_touched |= is_visible;
    }

    /// Counts a change that no list shows.
    pub fn touch_quietly(&mut self) -> i64 {
        self.touch(false);
        self.is_quiet = true;
        self.row.revision + 1
    }

    fn append(&mut self, author: Author) -> &mut message::Model {
        let row = &mut self.row;
        row.last_sequence += 1;
        row.revision += 1;
        row.visitor_revision += 1;
        row.last_activity_at = self.now;
        self.messages.push(message::Model {
            conversation_id: row.id,
            sequence: row.last_sequence,
            id: uuid::Uuid::new_v4(),
            account_id: row.account_id,
            author,
            visitor_id: None,
            operator_id: None,
            participation_id: None,
            client_message_id: None,
            text: None,
            event: None,
            sent_at: self.now,
            visitor_messages: row.visitor_messages,
            operator_messages: row.operator_messages,
            revision: row.revision,
            visitor_revision: row.visitor_revision,
        });
        self.messages.last_mut().expect("just added")
    }

    /// Appends an event, about an operator who takes part or took part.
    pub fn event(&mut self, event: Event, about: Option<&participation::Model>) {
        let message = self.append(Author::System);
        message.event = Some(event);
        message.operator_id = about.map(|participation| participation.operator_id);
        message.participation_id = about.map(|participation| participation.id);
    }

    /// Appends a message of the visitor, who waits for an answer from then on.
    pub fn visitor_text(&mut self, id: &ClientMessageId, text: ChatText) {
        let visitor_id = self.row.visitor_id;
        self.row.visitor_messages += 1;
        self.row.waiting_since = self.row.waiting_since.or(Some(self.now));
        let message = self.text(Author::Visitor, id, text);
        message.visitor_id = Some(visitor_id);
        self.close_if_full();
    }

    /// Appends a message of an operator who takes part. The visitor's wait ends.
    pub fn operator_text(
        &mut self,
        operator_id: OperatorId,
        by: ParticipationId,
        id: &ClientMessageId,
        text: ChatText,
    ) {
        self.row.operator_messages += 1;
        self.row.waiting_since = None;
        let message = self.text(Author::Operator, id, text);
        message.operator_id = Some(operator_id);
        message.participation_id = Some(by);
        self.close_if_full();
    }

    fn text(&mut self, author: Author, id: &ClientMessageId, text: ChatText) -> &mut message::Model {
        let text = String::from(text);
        self.row.text_bytes += i64::try_from(text.len()).unwrap_or(i64::MAX);
        self.row.last_message_sequence = Some(self.row.last_sequence + 1);
        let message = self.append(author);
        message.client_message_id = Some(id.as_bytes().to_vec());
        message.text = Some(text);
        message
    }

    fn close_if_full(&mut self) {
        if self.row.last_sequence >= MAX_MESSAGES {
            self.close(None);
        }
    }

    /// Appends the end of the conversation. The caller ends the participations, with
    /// [`end_participations`].
    pub fn close(&mut self, by: Option<ClosedBy>) {
        self.event(Event::Closed, None);
        self.row.status = Status::Closed;
        self.row.closed_at = Some(self.now);
        self.row.closed_by = by;
        self.row.waiting_since = None;
    }

    /// Appends that a closed conversation goes on, with nobody taking part.
    pub fn reopen(&mut self, assignee_id: Option<OperatorId>) {
        self.event(Event::Reopened, None);
        self.row.status = Status::Pending;
        self.row.closed_at = None;
        self.row.closed_by = None;
        self.row.assignee_id = assignee_id;
    }

    /// Lets an operator take part, who has not until now.
    pub async fn join(&mut self, work: &Work, operator: &operator::Model) -> Result<participation::Model, DbErr> {
        let row = participation::Model {
            id: ParticipationId::new(),
            account_id: self.row.account_id,
            conversation_id: self.row.id,
            operator_id: operator.id,
            joined_at: self.now,
            // The event below.
            joined_sequence: self.row.last_sequence + 1,
            left_at: None,
            card_key: operator.card_key.clone(),
            public_name: operator.visible_name().to_owned(),
            description: operator.description.clone(),
            photo_hash: operator.photo_hash.clone(),
            photo_side: operator.photo_side,
        };
        let insert = participation::Entity::insert(row.clone().into_active_model().reset_all());
        insert.exec_without_returning(&**work).await?;
        self.event(Event::OperatorJoined, Some(&row));
        self.row.status = Status::Open;
        self.row.assignee_id = self.row.assignee_id.or(Some(operator.id));
        Ok(row)
    }

    /// Ends a participation. `others` are those who still take part, the one who joined first at
    /// the front: the first becomes the assignee if the one who leaves was.
    pub async fn leave(
        &mut self,
        work: &Work,
        leaver: &participation::Model,
        others: &[participation::Model],
    ) -> Result<(), DbErr> {
        participation::Entity::update_many()
            .col_expr(participation::Column::LeftAt, Expr::value(Some(self.now)))
            .filter(participation::COLUMN.id.eq(leaver.id))
            .exec(&**work)
            .await?;
        self.event(Event::OperatorLeft, Some(leaver));
        if self.row.assignee_id == Some(leaver.operator_id) {
            self.row.assignee_id = others.first().map(|other| other.operator_id);
        }
        if others.is_empty() {
            self.row.status = Status::Pending;
            self.row.assignee_id = None;
        }
        Ok(())
    }

    /// Writes everything, and announces it. Returns the row and the messages as written.
    pub async fn save(self, work: &mut Work) -> Result<(conversation::Model, Vec<message::Model>), DbErr> {
        let Self { before, mut row, messages, is_touched, is_visibly_touched, is_quiet, .. } = self;
        if messages.is_empty() && is_touched {
            row.revision += 1;
            row.visitor_revision += i64::from(is_visibly_touched);
        }
        let has_ended = row.closed_at.is_some() && before.as_ref().is_some_and(|before| before.closed_at.is_none());
        match &before {
            None => {
                let insert = conversation::Entity::insert(row.clone().into_active_model().reset_all());
                insert.exec_without_returning(&**work).await?;
            }
            Some(before) if *before == row => return Ok((row, messages)),
            Some(before) => {
                let mut changes = <conversation::ActiveModel as Default>::default();
                for column in conversation::Column::iter() {
                    let value = row.get(column);
                    if before.get(column) != value {
                        changes.set(column, value);
                    }
                }
                let update = conversation::Entity::update_many().set(changes);
                update.filter(conversation::COLUMN.id.eq(row.id)).exec(&**work).await?;
            }
        }
        if !messages.is_empty() {
            let rows = messages.iter().cloned().map(|message| message.into_active_model().reset_all());
            message::Entity::insert_many(rows).exec_without_returning(&**work).await?;
        }
        if has_ended {
            end_participations(work, &row).await?;
        }
        if is_quiet {
            work.announce(Topic::Conversation(row.id).at(row.revision));
        } else {
            announce(work, &row);
        }
        Ok((row, messages))
    }
}

/// Ends all participations of a conversation that was closed.
async fn end_participations(work: &Work, row: &conversation::Model) -> Result<(), DbErr> {
    participation::Entity::update_many()
        .col_expr(participation::Column::LeftAt, Expr::value(row.closed_at))
        .filter(participation::COLUMN.conversation_id.eq(row.id))
        .filter(participation::COLUMN.left_at.is_null())
        .exec(&**work)
        .await?;
    Ok(())
}

/// Those who take part in a conversation that was locked; the one who joined first at the front.
pub(super) async fn present(work: &Work, id: ConversationId) -> Result<Vec<participation::Model>, DbErr> {
    participation::Entity::find()
        .filter(participation::COLUMN.conversation_id.eq(id))
        .filter(participation::COLUMN.left_at.is_null())
        .order_by_asc(participation::Column::JoinedSequence)
        .all(&**work)
        .await
}
