//! Returning conversations to the queue when an operator may no longer chat.

use std::collections::{BTreeSet, HashMap};

use entity::{AccountId, ConversationId, OperatorId, conversation, operator, participation};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};

use super::Draft;
use crate::{
    account::rules as accounts,
    app::{App, Work, db::is_reported},
    conversation::queries,
};

/// Number of ids that fit into one statement on both databases.
const IDS_A_STATEMENT: usize = 500;

/// Lets an operator leave every conversation that is not closed, as by leaving, and hands over
/// those that are only assigned. Returns the conversations.
///
/// The caller has locked the operator, who may no longer chat, and every other operator that the
/// transaction writes: conversations are locked here, and operators come before them.
pub async fn return_to_queue(
    app: &App,
    work: &mut Work,
    operator: &operator::Model,
) -> Result<BTreeSet<ConversationId>, DbErr> {
    let mut returned = BTreeSet::new();
    let ids: Vec<_> = list_ids(work, operator.id).await?.into_iter().collect();
    for ids in ids.chunks(IDS_A_STATEMENT) {
        let locked = conversation::Entity::find()
            .filter(conversation::COLUMN.id.is_in(ids.iter().copied()))
            .filter(conversation::COLUMN.closed_at.is_null())
            .order_by_asc(conversation::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&**work)
            .await?;
        let mut present = list_present(work, ids).await?;
        for conversation in locked {
            let stay = present.remove(&conversation.id).unwrap_or_default();
            let (mine, others): (Vec<_>, Vec<_>) = stay.into_iter().partition(|one| one.operator_id == operator.id);
            let is_assigned = conversation.assignee_id == Some(operator.id);
            let id = conversation.id;
            let mut draft = Draft::of(app, conversation);
            if let Some(mine) = mine.first() {
                draft.leave(work, mine, &others).await?;
            } else if is_assigned {
                draft.row_mut().assignee_id = others.first().map(|other| other.operator_id);
                draft.touch(false);
            } else {
                // It was left or assigned to another operator before it was locked.
                continue;
            }
            draft.save(work).await?;
            returned.insert(id);
        }
    }
    Ok(returned)
}

/// The conversations in which an operator takes part, or which are assigned to the operator.
async fn list_ids(work: &Work, operator_id: OperatorId) -> Result<BTreeSet<ConversationId>, DbErr> {
    let stays = participation::Entity::find()
        .select_only()
        .column(participation::Column::ConversationId)
        .filter(participation::COLUMN.operator_id.eq(operator_id))
        .filter(participation::COLUMN.left_at.is_null());
    let assigned = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Id)
        .filter(conversation::COLUMN.assignee_id.eq(operator_id))
        .filter(conversation::COLUMN.closed_at.is_null());
    let mut ids: BTreeSet<ConversationId> = stays.into_tuple().all(&**work).await?.into_iter().collect();
    ids.extend(assigned.into_tuple::<ConversationId>().all(&**work).await?);
    Ok(ids)
}

/// Those who take part in these conversations; the one who joined first at the front.
async fn list_present(
    work: &Work,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, Vec<participation::Model>>, DbErr> {
    let stays = participation::Entity::find()
        .filter(participation::COLUMN.conversation_id.is_in(ids.iter().copied()))
        .filter(participation::COLUMN.left_at.is_null())
        .order_by_asc(participation::Column::JoinedSequence)
        .all(&**work)
        .await?;
    let mut present = HashMap::<_, Vec<_>>::new();
    for stay in stays {
        present.entry(stay.conversation_id).or_default().push(stay);
    }
    Ok(present)
}

/// Returns the conversations of operators who lost their seat on a server of the previous version,
/// which knows no conversations. Runs every minute. An operator whose conversations cannot be
/// returned does not keep others from it.
pub async fn repair(app: &App) -> anyhow::Result<()> {
    let stranded = queries::stranded_any_account().into_tuple().all(app.db()).await?;
    for (account_id, operator_id) in stranded {
        if let Err(error) = repair_one(app, account_id, operator_id).await
            && !is_reported(&error)
        {
            let error = format!("{error:#}");
            tracing::warn!(account.id = %account_id, operator.id = %operator_id, error, "the conversations of an operator without a seat were not returned; retrying in a minute");
        }
    }
    Ok(())
}

async fn repair_one(app: &App, account_id: AccountId, operator_id: OperatorId) -> anyhow::Result<()> {
    let mut work = app.begin_in(account_id).await?;
    if accounts::lock_by_id(&work, account_id).await?.is_none() {
        return Ok(());
    }
    let locked = operator::Entity::find_by_id(operator_id).lock(LockType::NoKeyUpdate).one(&*work).await?;
    let Some(operator) = locked.filter(|operator| !operator.is_active()) else { return Ok(()) };
    let returned = return_to_queue(app, &mut work, &operator).await?;
    work.commit().await?;
    tracing::info!(operator.id = %operator_id, conversations = returned.len(), "returned the conversations of an operator without a seat");
    Ok(())
}
