//! Reads the state of a followed conversation after each change.

use std::{pin::Pin, sync::Arc};

use entity::{AccountId, ConversationId};
use sea_orm::DbErr;

use super::{RETRY_AFTER, Senders, State};
use crate::{
    app::App,
    bus::{Delivery, Listener, Topic},
    conversation::queries::{log, shared},
};

/// Refreshes one channel until it has no follower. Without a listener, events may have been missed:
/// subscribes and reads at once.
pub(super) async fn refresh(
    app: App,
    account_id: AccountId,
    id: ConversationId,
    listener: Option<Listener>,
    senders: Arc<Senders>,
) {
    let mut has_missed = listener.is_none();
    let mut listener = listener.unwrap_or_else(|| app.bus.listen(Topic::Conversation(id)));
    loop {
        let missed = std::mem::take(&mut has_missed);
        let Some(shown) = senders.operators.borrow().clone() else { return };
        tokio::select! {
            biased;
            () = std::future::ready(()), if missed => {}
            () = senders.operators.closed() => return,
            heard = listener.next() => match heard {
                // An event may arrive twice, and over other servers it may arrive after its state
                // was read.
                Delivery::Version(version) if version <= shown.conversation.revision => continue,
                Delivery::Version(_) | Delivery::Lagged => {}
            },
        }
        listener.catch_up();
        loop {
            // A follower may have read in the meantime.
            let Some(shown) = senders.operators.borrow().clone() else { return };
            match advance(&app, &shown).await {
                Ok(state) => break senders.show(state),
                Err(error) => {
                    tracing::warn!(account.id = %account_id, error = %error, "a conversation could not be read; retrying");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
    }
}

/// The state of a conversation now, after an older one. `None` if it was deleted.
///
/// Boxed: the task of a conversation in which nothing happens stays small.
pub(super) fn advance<'a>(
    app: &'a App,
    old: &'a State,
) -> Pin<Box<dyn Future<Output = Result<Option<State>, DbErr>> + Send + 'a>> {
    Box::pin(async move {
        let (account_id, id) = (old.conversation.account_id, old.conversation.id);
        let news = shared::find_news(app.db(), account_id, id, old.conversation.revision).await?;
        let state = match news.and_then(|news| old.with(&news)) {
            Some(state) => Some(state),
            None => read(app, account_id, id, Some(old)).await?,
        };
        Ok(state.map(|mut state| {
            let newest = state.newest_since(old);
            state.delivery = newest.map(|sent_at| Arc::new(super::Delivery::of(app, sent_at)));
            state
        }))
    })
}

/// Reads the whole state, in one snapshot. With an older state, its messages and notes are kept.
pub(super) async fn read(
    app: &App,
    account_id: AccountId,
    id: ConversationId,
    old: Option<&State>,
) -> Result<Option<State>, DbErr> {
    let db = app.snapshot().await?;
    let Some(head) = shared::find_head(&db, account_id, id).await? else { return Ok(None) };
    let kept = old.map(|old| old.participations().collect::<Vec<_>>()).unwrap_or_default();
    let participations = shared::list_participations(&db, account_id, id, kept).await?;
    let marks = shared::list_marks(&db, account_id, id).await?;
    let since = match old {
        None => None,
        Some(old) => {
            let (before, now) = (&old.conversation, &head.conversation);
            let limit = log::PAGE as u64 + 1;
            let (first, last) = (before.last_sequence, now.last_sequence);
            let messages = if last > first {
                log::list_after(&db, account_id, id, (first, last), limit).await?
            } else {
                Vec::new()
            };
            let notes = shared::list_notes(&db, account_id, id, (before.revision, now.revision), limit).await?;
            Some((old, messages, notes))
        }
    };
    db.end().await?;
    let participations: Vec<_> = participations.into_iter().map(Arc::new).collect();
    let present = participations.iter().filter(|row| row.left_at.is_none()).cloned();
    let mut state = State::at(head, present.collect(), marks);
    if let Some((old, messages, notes)) = since {
        let by_id = participations.iter().map(|row| (row.id, Arc::clone(row))).collect();
        state.continue_from(old, messages, notes, &by_id);
    }
    Ok(Some(state))
}
