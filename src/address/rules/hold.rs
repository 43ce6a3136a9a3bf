//! Addresses that an operator has left and can take back.

use entity::{
    HeldAddressId, OperatorId, address_link, held_address,
    mail::{Kind, Language},
    operator,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::{
    address::{
        links::{self, UNDO_FOR},
        queries,
    },
    app::{App, Work},
    input::EmailAddress,
    mail::queue::{self, Mail},
};

/// Holds the address that an operator has just left, and mails a link there that restores it.
/// `before` is the row with that address.
///
/// An address that is left a second time keeps its place in the order: the link that was mailed
/// first still restores it.
pub async fn hold(app: &App, work: &mut Work, before: &operator::Model, language: Language) -> Result<(), DbErr> {
    let (Some(email), Some(email_key)) = (&before.email, &before.email_key) else { return Ok(()) };
    let now = app.clock.now();
    if let Some(held) = queries::find_held(app, &**work, before.id, email_key).await? {
        let proven_at = before.email_proven_at.or(held.proven_at);
        let mut row = held.into_active_model();
        row.expires_at = Set(now + UNDO_FOR);
        row.proven_at = Set(proven_at);
        row.update(&**work).await?;
    } else {
        held_address::ActiveModel {
            id: Set(HeldAddressId::new()),
            operator_id: Set(before.id),
            email: Set(email.clone()),
            email_key: Set(email_key.clone()),
            proven_at: Set(before.email_proven_at),
            created_at: Set(now),
            expires_at: Set(now + UNDO_FOR),
        }
        .insert(&**work)
        .await?;
    }
    queue::put(app, work, Mail::about(Kind::AddressUndo, language, before.id).to(email)).await
}

/// Whether a profile may not take this address because another one can take it back. Call it after
/// the address is written: the hold is committed together with the change that frees the address.
pub async fn is_kept(app: &App, work: &Work, email: &EmailAddress, operator_id: OperatorId) -> Result<bool, DbErr> {
    Ok(queries::find_hold_any_account(app, &**work, email.key(), Some(operator_id)).await?.is_some())
}

/// Deletes `held`, the addresses that the operator left after it, and the links that restore them.
///
/// Addresses that were left earlier can still be restored: otherwise a person who moved the profile
/// twice could undo the second move, and so end the link of the original holder.
pub async fn forget_since(work: &Work, held: &held_address::Model) -> Result<(), DbErr> {
    let since = held_address::Entity::find()
        .filter(held_address::COLUMN.operator_id.eq(held.operator_id))
        .filter(held_address::COLUMN.created_at.gte(held.created_at))
        .all(&**work)
        .await?;
    for later in since {
        links::end_undo(work, later.operator_id, &later.email_key).await?;
        held_address::Entity::delete_by_id(later.id).exec(&**work).await?;
    }
    Ok(())
}

/// Deletes the addresses that an operator left after this one. Called when a colleague gives this
/// address back to the operator: the effect is the same as restoring it.
///
/// Otherwise a person who moved the profile twice would have a link that takes it again after the
/// colleague has repaired it. The link of this address, and those of addresses that were left
/// earlier, still work.
pub async fn forget_after(app: &App, work: &Work, operator_id: OperatorId, email_key: &str) -> Result<(), DbErr> {
    let Some(held) = queries::find_held(app, &**work, operator_id, email_key).await? else { return Ok(()) };
    let later = held_address::Entity::find()
        .filter(held_address::COLUMN.operator_id.eq(operator_id))
        .filter(held_address::COLUMN.created_at.gt(held.created_at))
        .all(&**work)
        .await?;
    for later in later {
        links::end_undo(work, operator_id, &later.email_key).await?;
        held_address::Entity::delete_by_id(later.id).exec(&**work).await?;
    }
    Ok(())
}

/// Deletes the address links and held addresses of an operator who is removed.
pub async fn forget_all(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    address_link::Entity::delete_many().filter(address_link::COLUMN.operator_id.eq(operator_id)).exec(&**work).await?;
    held_address::Entity::delete_many().filter(held_address::COLUMN.operator_id.eq(operator_id)).exec(&**work).await?;
    Ok(())
}
