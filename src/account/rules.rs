//! What may happen to an account, and the lock that every change of its operators takes first.

use entity::{AccountId, account, account::PlanCode};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::Expr,
};

use crate::{
    app::{App, Work},
    change::Change,
    error::{Abort, Denied, Failure, Invalid, Reason, Rejection},
    event::Event,
    session::queries as sessions,
    text::Name,
    token,
    viewer::{Granted, ManageAccount, Permission, ProfileEditor, allows},
};

/// Locks the account, and looks again whether the actor still may: between their request and this moment somebody may have
/// demoted or removed them, or ended their session.
///
/// Everything that counts or changes operators calls this first, so locks are always taken in one order: account, then operator.
pub async fn lock<P: Permission>(work: &Work, actor: &Granted<P>) -> Result<account::Model, Abort> {
    let account = lock_by_id(work, actor.account_id()).await?.ok_or(Denied::Unauthenticated)?;
    let still = sessions::find_operator(&**work, actor.signed_in()).await?.ok_or(Denied::Unauthenticated)?;
    if allows::<P>(still.access_level) { Ok(account) } else { Err(Denied::Forbidden.into()) }
}

/// [`lock`], with whichever proof the editor of a profile has.
pub async fn lock_for_profile(work: &Work, actor: &ProfileEditor) -> Result<account::Model, Abort> {
    match actor {
        ProfileEditor::Own(granted) => lock(work, granted).await,
        ProfileEditor::Anyone(granted) => lock(work, granted).await,
    }
}

/// Locks an account on behalf of the server itself, or of somebody who proves themselves by other means than a session.
///
/// On SQLite the transaction is the lock, and the clause is left out.
pub async fn lock_by_id(work: &Work, account_id: AccountId) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(account_id).lock_exclusive().one(&**work).await
}

/// Opens an account on the FREE plan. The caller adds the owner in the same work.
pub async fn open(app: &App, work: &Work, name: &Name) -> Result<account::Model, DbErr> {
    account::ActiveModel {
        id: Set(AccountId::new()),
        name: Set(name.as_str().to_owned()),
        widget_key: Set(token::public_name("wk_")),
        plan: Set(PlanCode::Free),
        seats: Set(app.config.plans.plan(PlanCode::Free).min_seats),
        availability_version: Set(1),
        created_at: Set(app.clock.now()),
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

/// Changes what the account is called. The name that it has already is no change, and nobody is told.
pub async fn update(
    app: &App,
    actor: &Granted<ManageAccount>,
    name: Change<String>,
) -> Result<account::Model, Failure<UpdateError>> {
    let no_name = || Invalid::at("name", Reason::Missing, "An account needs a name.");
    let parse = |typed: String| Name::parse(&typed).map_err(|fault| Invalid::typed("name", "The name", fault));
    let name = name.parse_required(no_name, parse).map_err(UpdateError::from)?;

    let mut work = app.begin_in(actor.account_id()).await?;
    let account = lock(&work, actor).await?;
    let Some(name) = name.filter(|name| name.as_str() != account.name) else { return Ok(account) };

    let mut row = account.into_active_model();
    row.name = Set(name.into());
    let account = row.update(&*work).await?;

    work.announce(Event::AccountChanged { account_id: account.id });
    work.commit().await?;
    Ok(account)
}

/// Counts a change that a visitor could notice, and announces it. The version comes from the database, under the account's lock,
/// so that an older state can never pass for a newer one.
pub async fn bump_version(work: &mut Work, account_id: AccountId) -> Result<(), DbErr> {
    let changed = account::Entity::update_many()
        .col_expr(account::Column::AvailabilityVersion, Expr::col(account::Column::AvailabilityVersion).add(1))
        .filter(account::COLUMN.id.eq(account_id))
        .exec_with_returning(&**work)
        .await?;
    for account in changed {
        work.announce(Event::AvailabilityChanged { account_id, version: account.availability_version });
    }
    Ok(())
}
