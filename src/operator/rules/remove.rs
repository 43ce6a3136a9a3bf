//! Removing an operator.

use entity::{OperatorId, operator};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{find, search_key_of};
use crate::{
    access::identity::{Granted, ManageOperators},
    account::rules::{bump_version, lock},
    address,
    app::{App, Work},
    error::{Failure, NO_SUCH_OPERATOR, Rejection},
    password_link, photo,
    seat::rules::{Released, release},
    session,
};

/// Why an operator was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error("The owner cannot be removed. Transfer ownership first.")]
    Owner,
}
impl Rejection for RemoveError {}

/// Removes an operator: frees the seat, ends every session and clears personal data. The name
/// stays, for the record of what the operator did. Returns the id, and the number of conversations
/// that returned to the queue.
pub async fn remove(
    app: &App,
    actor: &Granted<ManageOperators>,
    id: Option<OperatorId>,
) -> Result<(OperatorId, usize), Failure<RemoveError>> {
    let mut work = app.begin_in(actor.account_id()).await?;
    lock(&work, actor).await?;
    let operator = find(&work, actor, id).await?.ok_or(RemoveError::NotFound)?;
    if operator.is_owner {
        return Err(RemoveError::Owner.into());
    }

    let Released { operator, returned } = release(app, &mut work, operator).await?;
    let operator = clear(app, &work, operator).await?;
    session::rules::end_all(&mut work, &operator, None).await?;

    bump_version(&mut work, operator.account_id).await?;
    work.commit().await?;
    Ok((operator.id, returned.len()))
}

async fn clear(app: &App, work: &Work, operator: operator::Model) -> Result<operator::Model, sea_orm::DbErr> {
    password_link::end_all(work, operator.id).await?;
    address::rules::forget_all(work, operator.id).await?;
    photo::rules::delete_all(work, operator.id).await?;
    let now = app.clock.now();
    let search_key = search_key_of(&operator.name, None);
    let mut row = operator.into_active_model();
    row.public_name = Set(None);
    row.search_key = Set(search_key);
    row.email = Set(None);
    row.email_key = Set(None);
    row.email_proven_at = Set(None);
    row.email_set_at = Set(None);
    row.pending_email = Set(None);
    row.pending_email_key = Set(None);
    row.lost_email = Set(None);
    row.lost_at = Set(None);
    row.lost_reason = Set(None);
    row.description = Set(None);
    row.password_hash = Set(None);
    row.photo_hash = Set(None);
    row.photo_side = Set(None);
    row.last_seen_at = Set(None);
    row.updated_at = Set(now);
    row.removed_at = Set(Some(now));
    row.update(&**work).await
}
