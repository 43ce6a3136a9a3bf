//! Reads of operators. Every function takes the account, unless its name says `any_account`. Only
//! [`OperatorsOfRecord`] returns removed operators.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{AccountId, OperatorId, operator};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, LikeExpr},
};

use crate::{
    app::{App, reads::Read},
    input::SearchText,
    page::{PageEnd, Window},
};

fn of(account_id: AccountId) -> Select<operator::Entity> {
    operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(account_id))
        .filter(operator::COLUMN.removed_at.is_null())
}

/// The operator with this id, if it belongs to the account.
pub async fn find(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: OperatorId,
) -> Result<Option<operator::Model>, DbErr> {
    of(account_id).filter(operator::COLUMN.id.eq(id)).one(db).await
}

/// The operator with this id, in any account: for the mail queue, which belongs to the server.
pub async fn find_any_account(db: &impl ConnectionTrait, id: OperatorId) -> Result<Option<operator::Model>, DbErr> {
    operator::Entity::find_by_id(id).filter(operator::COLUMN.removed_at.is_null()).one(db).await
}

/// The operator who signs in with this address, in any account: an address is unique on the server.
pub async fn find_by_email_any_account(
    db: &impl ConnectionTrait,
    email_key: &str,
) -> Result<Option<operator::Model>, DbErr> {
    operator::Entity::find()
        .filter(operator::COLUMN.email_key.eq(email_key))
        .filter(operator::COLUMN.removed_at.is_null())
        .one(db)
        .await
}

/// The operator who was invited last with this address and has not accepted, in any account.
pub async fn find_invited_by_email_any_account(
    db: &impl ConnectionTrait,
    email_key: &str,
) -> Result<Option<operator::Model>, DbErr> {
    invited_under(email_key).one(db).await
}

/// The operators who were invited with this address and have not accepted, in any account; the
/// newest first, at most two.
pub async fn list_invited_by_email_any_account(
    db: &impl ConnectionTrait,
    email_key: &str,
) -> Result<Vec<operator::Model>, DbErr> {
    invited_under(email_key).limit(2).all(db).await
}

fn invited_under(email_key: &str) -> Select<operator::Entity> {
    operator::Entity::find()
        .filter(operator::COLUMN.pending_email_key.eq(email_key))
        .filter(operator::COLUMN.password_hash.is_null())
        .filter(operator::COLUMN.removed_at.is_null())
        .order_by_desc(operator::Column::Id)
}

/// Which operators a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub is_active: Option<bool>,
    pub search: Option<SearchText>,
    /// Whether the search includes addresses. Only for callers who may see addresses: otherwise
    /// they could be found by guessing.
    pub search_emails: bool,
}

impl Filter {
    fn apply(&self, select: Select<operator::Entity>) -> Select<operator::Entity> {
        let select = match self.is_active {
            None => select,
            Some(true) => select.filter(operator::COLUMN.activated_at.is_not_null()),
            Some(false) => select.filter(operator::COLUMN.activated_at.is_null()),
        };
        let Some(search) = &self.search else { return select };
        let like =
            |column: operator::Column, pattern: String| Expr::col(column).like(LikeExpr::new(pattern).escape('\\'));
        let by_name = search.patterns().map(|pattern| like(operator::Column::SearchKey, pattern));
        let mut any = by_name.into_iter().fold(Condition::any(), Condition::add);
        if self.search_emails {
            any = any
                .add(like(operator::Column::EmailKey, search.address_pattern()))
                .add(like(operator::Column::PendingEmailKey, search.address_pattern()));
        }
        select.filter(any)
    }
}

/// A page of the account's operators, oldest first, plus one extra row if there are more.
pub async fn list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    filter: &Filter,
    window: &Window,
) -> Result<Vec<operator::Model>, DbErr> {
    let mut select = filter.apply(of(account_id));
    if let Some(after) = window.after {
        select = select.filter(operator::COLUMN.id.gt(OperatorId(after)));
    }
    if let Some(before) = window.before {
        select = select.filter(operator::COLUMN.id.lt(OperatorId(before)));
    }
    let select = match window.from {
        PageEnd::Start => select.order_by_asc(operator::Column::Id),
        PageEnd::End => select.order_by_desc(operator::Column::Id),
    };
    select.limit(window.limit()).all(db).await
}

/// The total number of operators in a list.
pub async fn count(db: &impl ConnectionTrait, account_id: AccountId, filter: &Filter) -> Result<i32, DbErr> {
    let count = filter.apply(of(account_id)).count(db).await?;
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}

/// [`find`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Find(pub AccountId, pub OperatorId);

impl Read for Find {
    type Value = Option<operator::Model>;

    async fn run(self, app: &App) -> Result<Self::Value, DbErr> {
        find(app.db(), self.0, self.1).await
    }
}

/// Finds an operator by id, also a removed one, as a read that can be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FindOfRecord(pub AccountId, pub OperatorId);

impl Read for FindOfRecord {
    type Value = Option<operator::Model>;

    async fn run(self, app: &App) -> Result<Self::Value, DbErr> {
        let found = operator::Entity::find_by_id(self.1).filter(operator::COLUMN.account_id.eq(self.0));
        found.one(app.db()).await
    }
}

/// [`list`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct List(pub AccountId, pub Filter, pub Window);

impl Read for List {
    type Value = Vec<operator::Model>;

    async fn run(self, app: &App) -> Result<Self::Value, DbErr> {
        list(app.db(), self.0, &self.1, &self.2).await
    }
}

/// [`count`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Count(pub AccountId, pub Filter);

impl Read for Count {
    type Value = i32;

    async fn run(self, app: &App) -> Result<i32, DbErr> {
        count(app.db(), self.0, &self.1).await
    }
}

/// Loads operators by id, in one query for all that an operation requests at the same time. Created
/// per operation, without a cache.
#[derive(Debug)]
pub struct Operators(pub App);

impl Loader<(AccountId, OperatorId)> for Operators {
    type Value = operator::Model;
    type Error = std::sync::Arc<DbErr>;

    async fn load(
        &self,
        keys: &[(AccountId, OperatorId)],
    ) -> Result<HashMap<(AccountId, OperatorId), operator::Model>, Self::Error> {
        let present = operator::Entity::find().filter(operator::COLUMN.removed_at.is_null());
        load(&self.0, present, keys).await
    }
}

/// Loads operators like [`Operators`], and removed ones as well: for what an operator has done.
#[derive(Debug)]
pub struct OperatorsOfRecord(pub App);

impl Loader<(AccountId, OperatorId)> for OperatorsOfRecord {
    type Value = operator::Model;
    type Error = std::sync::Arc<DbErr>;

    async fn load(
        &self,
        keys: &[(AccountId, OperatorId)],
    ) -> Result<HashMap<(AccountId, OperatorId), operator::Model>, Self::Error> {
        load(&self.0, operator::Entity::find(), keys).await
    }
}

async fn load(
    app: &App,
    of: Select<operator::Entity>,
    keys: &[(AccountId, OperatorId)],
) -> Result<HashMap<(AccountId, OperatorId), operator::Model>, std::sync::Arc<DbErr>> {
    // Each key includes the account, so a batch never mixes the ids of one account with the rows of
    // another.
    let wanted = keys.iter().fold(Condition::any(), |any, (account_id, id)| {
        any.add(operator::COLUMN.account_id.eq(*account_id).and(operator::COLUMN.id.eq(*id)))
    });
    let rows = of.filter(wanted).all(app.db()).await?;
    Ok(rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect())
}
