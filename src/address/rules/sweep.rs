//! What time decides: the end of links and held addresses.

use chrono::{DateTime, Utc};
use entity::{address_link, held_address, operator};
use sea_orm::{EntityTrait, QueryFilter};

use super::{Gain, TakeError, begin, can_prove, take};
use crate::{account::rules::bump_version, app::App};

/// Deletes the links and the held addresses that had expired at `until`.
pub async fn sweep(app: &App, until: DateTime<Utc>) -> anyhow::Result<()> {
    let work = app.begin().await?;
    address_link::Entity::delete_many().filter(address_link::COLUMN.expires_at.lte(until)).exec(&*work).await?;
    held_address::Entity::delete_many().filter(held_address::COLUMN.expires_at.lte(until)).exec(&*work).await?;
    work.commit().await
}

/// Gives an address to operators who accepted their invitation on a server of the previous version,
/// which assumes that they have one already.
pub async fn settle_accepted(app: &App) -> anyhow::Result<()> {
    let waiting = operator::Entity::find()
        .filter(operator::COLUMN.password_hash.is_not_null())
        .filter(operator::COLUMN.email_key.is_null())
        .filter(operator::COLUMN.pending_email.is_null())
        .filter(operator::COLUMN.pending_email_key.is_not_null())
        .filter(operator::COLUMN.removed_at.is_null())
        .all(app.db())
        .await?;
    for operator in waiting {
        let (Some(email), Some(email_key)) = (operator.email.clone(), operator.pending_email_key.clone()) else {
            continue;
        };
        let (mut work, holder) = begin(app, operator.account_id, &email_key).await?;
        let Some(now) = operator::Entity::find_by_id(operator.id).one(&*work).await? else { continue };
        if now != operator {
            continue;
        }
        let proven_at = can_prove(app).then(|| app.clock.now());
        match take(app, &mut work, operator, Gain { email: &email, email_key: &email_key, proven_at }, holder).await {
            Ok(operator) => {
                bump_version(&mut work, operator.account_id).await?;
                work.commit().await?;
            }
            // The next sweep tries again.
            Err(TakeError::Taken | TakeError::Raced) => {}
            Err(TakeError::Db(error)) => return Err(error.into()),
        }
    }
    Ok(())
}
