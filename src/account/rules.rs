//! The rules that change an account, and the lock that every change of its operators takes first.

use entity::{AccountId, OperatorId, account, account::PlanCode, operator};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};

use crate::{
    access::{
        identity::{Granted, ManageAccount, Permission, ProfileEditor, allows},
        token,
    },
    app::{App, Work},
    availability::rules as availability,
    bus::Topic,
    error::{Abort, Denied, Failure, Faults, Rejection},
    input::{Change, Invalid, Name, Reason},
    session::queries as sessions,
};

/// Locks the account, and checks the actor's permission again: since the request began, the actor
/// may have been demoted or removed, or the session may have ended.
///
/// Every change that counts or changes operators calls this first, so locks are always taken in the
/// same order: account, then operator.
pub async fn lock<P: Permission>(work: &Work, actor: &Granted<P>) -> Result<account::Model, Abort> {
    let account = lock_by_id(work, actor.account_id()).await?.ok_or(Denied::Unauthenticated)?;
    let still = sessions::find_operator(&**work, actor.signed_in()).await?.ok_or(Denied::Unauthenticated)?;
    if allows::<P>(still.access_level) { Ok(account) } else { Err(Denied::Forbidden.into()) }
}

/// [`lock`] with the proof that the editor of a profile has.
pub async fn lock_for_profile(work: &Work, actor: &ProfileEditor) -> Result<account::Model, Abort> {
    match actor {
        ProfileEditor::Own(granted) => lock(work, granted).await,
        ProfileEditor::Anyone(granted) => lock(work, granted).await,
    }
}

/// Locks an account on behalf of the server, or of a caller with a proof other than a session.
///
/// On SQLite the transaction is the lock, and the clause is omitted.
pub async fn lock_by_id(work: &Work, account_id: AccountId) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(account_id).lock_exclusive().one(&**work).await
}

/// Locks operators of these accounts in the order of their ids. A rule that writes several
/// operators of accounts that it has locked calls this before it writes the first one: a change
/// that locks no account, such as a message, locks operators in this order, too.
pub async fn lock_operators(work: &Work, accounts: &[AccountId], operators: &[OperatorId]) -> Result<(), DbErr> {
    operator::Entity::find()
        .select_only()
        .column(operator::Column::Id)
        .filter(operator::COLUMN.account_id.is_in(accounts.iter().copied()))
        .filter(operator::COLUMN.id.is_in(operators.iter().copied()))
        .order_by_asc(operator::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<OperatorId>()
        .all(&**work)
        .await?;
    Ok(())
}

/// Opens an account on the FREE plan. The caller adds the owner in the same transaction.
pub async fn open(app: &App, work: &Work, name: &Name) -> Result<account::Model, DbErr> {
    account::ActiveModel {
        id: Set(AccountId::new()),
        name: Set(name.as_str().to_owned()),
        widget_key: Set(token::public_name("wk_")),
        plan: Set(PlanCode::Free),
        seats: Set(app.config.plans.plan(PlanCode::Free).min_seats),
        version: Set(1),
        availability_version: Set(1),
        created_at: Set(app.clock.now()),
        is_chat_enabled: Set(true),
    }
    .insert(&**work)
    .await
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
}
impl Rejection for UpdateError {}

/// Changes of an account as typed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Change<String>,
    pub is_chat_enabled: Change<bool>,
}

/// Changes the account's name, and whether visitors can write. No effect and no event if both are
/// as requested.
pub async fn update(
    app: &App,
    actor: &Granted<ManageAccount>,
    changes: Changes,
) -> Result<account::Model, Failure<UpdateError>> {
    let no_name = || Invalid::at("name", Reason::Missing, "An account needs a name.");
    let no_switch = || Invalid::at("isChatEnabled", Reason::Missing, "Whether visitors can write is yes or no.");
    let parse = |typed: String| Name::parse(&typed).map_err(|fault| Invalid::typed("name", "The name", fault));
    let mut faults = Faults::<UpdateError>::default();
    let name = faults.note(changes.name.parse_required(no_name, parse)).flatten();
    let is_chat_enabled = faults.note(changes.is_chat_enabled.parse_required(no_switch, Ok)).flatten();
    faults.check()?;

    let mut work = app.begin_in(actor.account_id()).await?;
    let before = lock(&work, actor).await?;
    let mut row = before.clone().into_active_model();
    if let Some(name) = name {
        row.set_if_not_equals(account::Column::Name, name.as_str().into());
    }
    if let Some(is_chat_enabled) = is_chat_enabled {
        row.set_if_not_equals(account::Column::IsChatEnabled, is_chat_enabled.into());
    }
    if !row.is_changed() {
        return Ok(before);
    }
    let account = row.update(&*work).await?;

    availability::note_switch(&mut work, &before, &account).await?;
    bump_version(&mut work, account.id).await?;
    work.commit().await?;
    Ok(account)
}

/// Increments the version for a change that operators can see, and announces it, once a
/// transaction. Every rule that writes the account, an operator or an invitation calls this.
///
/// The caller holds the account's lock, or takes it with this call.
pub async fn bump_version(work: &mut Work, account_id: AccountId) -> Result<(), DbErr> {
    let topic = Topic::Account(account_id);
    if work.announces(topic) {
        return Ok(());
    }
    let changed = account::Entity::update_many()
        .col_expr(account::Column::Version, Expr::col(account::Column::Version).add(1))
        .filter(account::COLUMN.id.eq(account_id))
        .exec_with_returning(&**work)
        .await?;
    for account in changed {
        work.announce(topic.at(account.version));
    }
    Ok(())
}
