//! Reads of visitors.

use entity::{AccountId, visitor, visitor_token};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

use crate::access::identity::Visitor;

/// The visitor of an account to whom a token belongs. `None` if the holder has not written to the
/// account.
pub async fn find_by_token(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    holder: &Visitor,
) -> Result<Option<visitor::Model>, DbErr> {
    let token = visitor_token::Entity::find_by_id((account_id, holder.token_hash().to_vec()));
    let found = token.find_also_related(visitor::Entity).one(db).await?;
    Ok(found.and_then(|(_, visitor)| visitor))
}
