//! The statements of a message, run as the server runs them, without GraphQL, HTTP and rules, on
//! one connection.
//!
//! Same library, same rows, same settings of the file: the difference is the cost of the server.

use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use entity::{
    ConversationId, OperatorId, ParticipationId, VisitorId, account, conversation, message, message::Author, operator,
    participation, session, visitor, visitor_token,
};
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, EntityTrait, ExprTrait as _,
    FromQueryResult as _, IdenStatic, IntoActiveModel as _, Iterable as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, RelationDef, RelationTrait as _, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
    sea_query::{CaseStatement, Expr, SelectStatement},
};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use crate::{
    chat::{Chat, Side},
    clock::now,
    numbers::real,
    sql,
};

/// Selects all columns of a joined table.
fn select<E: EntityTrait>(query: &mut SelectStatement, table: E, prefix: &str) {
    for column in E::Column::iter() {
        let name = format!("{prefix}{}", IdenStatic::as_str(&column));
        query.expr_as(column.select_as(Expr::col((table, column))), name);
    }
}

/// A conversation into which nothing else writes. The server does not announce these messages.
#[derive(Debug)]
pub struct Statements {
    runtime: Runtime,
    db: DatabaseConnection,
    visitor_hash: Vec<u8>,
    operator_hash: Vec<u8>,
    widget_key: String,
    conversation_id: ConversationId,
    visitor_id: VisitorId,
    operator_id: OperatorId,
    stay: ParticipationId,
    sent: usize,
    /// The revision before the last message, after which a follower reads.
    before: i64,
}

/// Whether chat is on, the visitor and the latest conversation, when that was closed, and its
/// assignee.
type Widget = (bool, VisitorId, ConversationId, Option<DateTime<Utc>>, Option<OperatorId>);

impl Statements {
    /// Opens the file. The operator must take part in the conversation.
    pub fn open(url: &str, chat: &Chat) -> anyhow::Result<Self> {
        // One thread a core, like the server. SQLite's statements run on a separate thread in both
        // cases.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let visitor_hash = Sha256::digest(&chat.token).to_vec();
        let (db, stay, row) = runtime.block_on(async {
            let db = sql::connect(url).await?;
            let token = visitor_token::Entity::find().filter(visitor_token::COLUMN.token_hash.eq(visitor_hash.clone()));
            let token = token.one(&db).await?.context("the visitor")?;
            let row = conversation::Entity::find().filter(conversation::COLUMN.visitor_id.eq(token.visitor_id));
            let row = row.one(&db).await?.context("the conversation")?;
            let stay = participation::Entity::find().filter(participation::COLUMN.conversation_id.eq(row.id));
            let stay = stay.one(&db).await?.context("the operator takes no part")?;
            anyhow::Ok((db, stay, row))
        })?;
        Ok(Self {
            runtime,
            db,
            visitor_hash,
            operator_hash: Sha256::digest(&chat.operator).to_vec(),
            widget_key: chat.widget_key.clone(),
            conversation_id: row.id,
            visitor_id: row.visitor_id,
            operator_id: stay.operator_id,
            stay: stay.id,
            sent: 0,
            before: row.revision,
        })
    }

    /// Runs the statements of `sendChatMessage` or `sendMessage`, in a conversation that goes on.
    pub fn send(&mut self, side: Side) -> anyhow::Result<()> {
        self.sent += 1;
        let client_id = format!("bare{}", self.sent).into_bytes();
        let text = format!("{:06} is the number of this message, whose length is a usual one", self.sent);
        let revision = self.runtime.block_on(async {
            match side {
                Side::Visitor => self.visitor_sends(client_id, text).await,
                Side::Operator => self.operator_sends(client_id, text).await,
            }
        })?;
        self.before = revision - 1;
        Ok(())
    }

    /// Runs the statement of those who follow the conversation, after a message.
    pub fn read(&self) -> anyhow::Result<()> {
        let joined: RelationDef = message::Entity::belongs_to(participation::Entity)
            .from(message::Column::ParticipationId)
            .to(participation::Column::Id)
            .into();
        let mut query = message::Entity::find()
            .filter(message::COLUMN.conversation_id.eq(self.conversation_id))
            .filter(message::COLUMN.revision.gt(self.before))
            .join(JoinType::InnerJoin, message::Relation::Conversation.def())
            .join(JoinType::InnerJoin, conversation::Relation::Visitor.def())
            .join(JoinType::LeftJoin, joined)
            .order_by_asc(message::Column::Revision)
            .limit(101)
            .into_query();
        select(&mut query, conversation::Entity, "c_");
        select(&mut query, visitor::Entity, "v_");
        select(&mut query, participation::Entity, "p_");
        let found = self.runtime.block_on(self.db.query_all(&query))?;
        anyhow::ensure!(found.len() == 1, "{} messages instead of one", found.len());
        message::Model::from_query_result(&found[0], "")?;
        conversation::Model::from_query_result(&found[0], "c_")?;
        visitor::Model::from_query_result(&found[0], "v_")?;
        Option::<participation::Model>::from_query_result(&found[0], "p_")?;
        Ok(())
    }

    /// Sends for some time. Returns the commits per second.
    pub fn in_a_loop(&mut self, time: Duration) -> anyhow::Result<f64> {
        // The conversation would close at 10,000 messages, which the bare loop does not know.
        let (began, mut count) = (now(), 0);
        while now() < began + time {
            self.send(if count % 2 == 0 { Side::Visitor } else { Side::Operator })?;
            count += 1;
        }
        Ok(real(count) / now().saturating_sub(began).as_secs_f64())
    }

    async fn begin(&self) -> anyhow::Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.db.begin_with_options(options).await?)
    }

    async fn visitor_sends(&self, client_id: Vec<u8>, text: String) -> anyhow::Result<i64> {
        self.account_of_widget().await?;
        let work = self.begin().await?;
        self.count_send(&work, text.len()).await?;
        let latest = conversation::Entity::find()
            .filter(conversation::COLUMN.visitor_id.eq(self.visitor_id))
            .order_by_desc(conversation::Column::StartedAt)
            .order_by_desc(conversation::Column::Id);
        let latest = latest.one(&work).await?.context("the conversation")?;
        let repeated = message::Entity::find()
            .filter(message::COLUMN.visitor_id.eq(self.visitor_id))
            .filter(message::COLUMN.client_message_id.eq(client_id.clone()));
        anyhow::ensure!(repeated.one(&work).await?.is_none(), "a repeat");
        let row = self.append(&work, latest, Author::Visitor, client_id, text).await?;
        work.commit().await?;
        Ok(row)
    }

    async fn operator_sends(&self, client_id: Vec<u8>, text: String) -> anyhow::Result<i64> {
        let signed_in = session::Entity::find()
            .filter(session::COLUMN.token_hash.eq(self.operator_hash.clone()))
            .find_also_related(operator::Entity);
        let (session, _) = signed_in.one(&self.db).await?.context("the session")?;
        let work = self.begin().await?;
        let operators = operator::Entity::find()
            .filter(operator::COLUMN.account_id.eq(session.account_id))
            .filter(operator::COLUMN.id.is_in([self.operator_id]))
            .filter(operator::COLUMN.removed_at.is_null())
            .order_by_asc(operator::Column::Id);
        operators.one(&work).await?.context("the operator")?;
        session::Entity::find_by_id(session.id).one(&work).await?.context("the session")?;
        let row = conversation::Entity::find_by_id(self.conversation_id)
            .filter(conversation::COLUMN.account_id.eq(session.account_id));
        let row = row.one(&work).await?.context("the conversation")?;
        self.look(&work, &client_id).await?;
        let row = self.append(&work, row, Author::Operator, client_id, text).await?;
        work.commit().await?;
        Ok(row)
    }

    async fn account_of_widget(&self) -> anyhow::Result<()> {
        let is_of_token = Expr::col((visitor_token::Entity, visitor_token::Column::AccountId))
            .equals((account::Entity, account::Column::Id))
            .and(visitor_token::COLUMN.token_hash.eq(self.visitor_hash.clone()));
        let latest = conversation::Entity::find()
            .select_only()
            .column(conversation::Column::Id)
            .filter(
                Expr::col((conversation::Entity, conversation::Column::VisitorId))
                    .equals((visitor_token::Entity, visitor_token::Column::VisitorId)),
            )
            .order_by_desc(conversation::Column::StartedAt)
            .order_by_desc(conversation::Column::Id)
            .limit(1)
            .into_query();
        let mut select = account::Entity::find()
            .select_only()
            .column(account::Column::IsChatEnabled)
            .column(visitor_token::Column::VisitorId)
            .column(conversation::Column::Id)
            .column(conversation::Column::ClosedAt)
            .column(conversation::Column::AssigneeId)
            .filter(account::COLUMN.widget_key.eq(&self.widget_key));
        let is_latest = Expr::col((conversation::Entity, conversation::Column::Id)).eq(latest);
        sea_orm::QuerySelect::query(&mut select)
            .left_join(visitor_token::Entity, is_of_token)
            .left_join(conversation::Entity, is_latest);
        let found: Option<Widget> = select.into_tuple().one(&self.db).await?;
        found.context("the account").map(drop)
    }

    async fn count_send(&self, work: &DatabaseTransaction, bytes: usize) -> anyhow::Result<()> {
        use visitor::Column;
        let (now, bytes) = (Utc::now(), i32::try_from(bytes)?);
        let day = now - chrono::TimeDelta::days(1);
        let is_new_day = || Expr::col(Column::DayBeganAt).is_null().or(Expr::col(Column::DayBeganAt).lte(day));
        let counted =
            |column: Column, by: i32| CaseStatement::new().case(is_new_day(), by).finally(Expr::col(column).add(by));
        let began =
            CaseStatement::new().case(is_new_day(), Expr::value(Some(now))).finally(Expr::col(Column::DayBeganAt));
        let update = visitor::Entity::update_many()
            .col_expr(Column::DayMessages, counted(Column::DayMessages, 1).into())
            .col_expr(Column::DayBytes, counted(Column::DayBytes, bytes).into())
            .col_expr(Column::DayBeganAt, began.into())
            .col_expr(Column::LastSeenAt, Expr::value(Some(now)))
            .filter(visitor::COLUMN.id.eq(self.visitor_id));
        anyhow::ensure!(update.exec_with_returning(work).await?.len() == 1, "the visitor");
        Ok(())
    }

    async fn look(&self, work: &DatabaseTransaction, client_id: &[u8]) -> anyhow::Result<()> {
        let operator_id = self.operator_id;
        let stays = participation::Relation::Conversation.def().rev().on_condition(move |_, _| {
            participation::COLUMN.operator_id.eq(operator_id).and(participation::COLUMN.left_at.is_null()).into()
        });
        let client_id = client_id.to_vec();
        let repeats = message::Relation::Conversation.def().rev().on_condition(move |_, _| {
            let same = message::COLUMN.client_message_id.eq(client_id.clone());
            message::COLUMN.operator_id.eq(operator_id).and(same).into()
        });
        let found: Option<(Option<ParticipationId>, Option<i32>)> =
            conversation::Entity::find_by_id(self.conversation_id)
                .select_only()
                .column_as(participation::Column::Id, "stay")
                .column_as(message::Column::Sequence, "repeated")
                .join(JoinType::LeftJoin, stays)
                .join(JoinType::LeftJoin, repeats)
                .into_tuple()
                .one(work)
                .await?;
        anyhow::ensure!(found == Some((Some(self.stay), None)), "the operator does not take part: {found:?}");
        Ok(())
    }

    /// Writes the conversation and the message. Returns the new revision.
    async fn append(
        &self,
        work: &DatabaseTransaction,
        mut row: conversation::Model,
        author: Author,
        client_id: Vec<u8>,
        text: String,
    ) -> anyhow::Result<i64> {
        let sent_at: DateTime<Utc> = Utc::now();
        let is_visitor = author == Author::Visitor;
        row.visitor_messages += i32::from(is_visitor);
        row.operator_messages += i32::from(!is_visitor);
        row.last_sequence += 1;
        row.revision += 1;
        row.visitor_revision += 1;
        let update = conversation::Entity::update_many()
            .set(conversation::ActiveModel {
                last_sequence: Set(row.last_sequence),
                revision: Set(row.revision),
                visitor_revision: Set(row.visitor_revision),
                last_message_sequence: Set(Some(row.last_sequence)),
                last_activity_at: Set(sent_at),
                waiting_since: Set(is_visitor.then_some(sent_at)),
                visitor_messages: Set(row.visitor_messages),
                operator_messages: Set(row.operator_messages),
                text_bytes: Set(row.text_bytes + i64::try_from(text.len())?),
                ..Default::default()
            })
            .filter(conversation::COLUMN.id.eq(row.id));
        update.exec(work).await?;
        let message = message::Model {
            conversation_id: row.id,
            sequence: row.last_sequence,
            id: ParticipationId::new().0,
            account_id: row.account_id,
            author,
            visitor_id: is_visitor.then_some(self.visitor_id),
            operator_id: (!is_visitor).then_some(self.operator_id),
            participation_id: (!is_visitor).then_some(self.stay),
            client_message_id: Some(client_id),
            text: Some(text),
            event: None,
            sent_at,
            visitor_messages: row.visitor_messages,
            operator_messages: row.operator_messages,
            revision: row.revision,
            visitor_revision: row.visitor_revision,
        };
        let insert = message::Entity::insert_many([message.into_active_model().reset_all()]);
        insert.exec_without_returning(work).await?;
        Ok(row.revision)
    }
}
