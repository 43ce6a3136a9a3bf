//! Setting and removing a photo: the caller's own, or another operator's.

use std::{fs::File, io::Read as _};

use edge::ledger;

use super::image::{self, Square};
use crate::{
    access::{identity::ProfileEditor, throttle::TooMany},
    account::rules as accounts,
    app::{App, Work},
    availability::{Card, rules as availability},
    error::{Abort, Failure, NO_SUCH_OPERATOR, Rejection},
    operator::queries as operators,
    photo_lines::InLine,
};
use entity::{OperatorId, operator, participation, past_photo, photo};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait as _,
    sea_query::{Expr, OnConflict},
};

/// Why a photo was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPhotoError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
    #[error(transparent)]
    Rejected(#[from] image::Rejection),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}
impl Rejection for SetPhotoError {}

/// Sets an operator's photo, which replaces the previous one.
pub async fn set(
    app: &App,
    actor: &ProfileEditor,
    id: Option<OperatorId>,
    file: File,
) -> Result<operator::Model, Failure<SetPhotoError>> {
    let id = id.ok_or(SetPhotoError::NotFound)?;
    // Checked before decoding, and again under the lock.
    operators::find(app.db(), actor.account_id(), id).await?.ok_or(SetPhotoError::NotFound)?;
    app.throttle.photo(actor.operator_id(), actor.account_id()).map_err(SetPhotoError::from)?;
    // Photos of other accounts may come first. In the meantime, other operations of this account
    // continue.
    let square = ledger::rest(async {
        // Only the queue of this account is full; photos of other accounts are not affected.
        let turn = app
            .photo_lines
            .enter(actor.account_id(), actor.operator_id())
            .await
            .map_err(|_| SetPhotoError::from(TooMany::busy()))?;
        decode(file, turn).await?.map_err(|rejection| Failure::<SetPhotoError>::from(SetPhotoError::from(rejection)))
    })
    .await?;

    let mut work = app.begin_in(actor.account_id()).await?;
    let operator = lock(&work, actor, id).await?.ok_or(SetPhotoError::NotFound)?;
    if operator.photo_hash.as_ref() == Some(&square.hash) {
        return Ok(operator);
    }
    clear(&work, operator.id).await?;
    let (hash, side) = (square.hash.clone(), i32::try_from(square.side).unwrap_or(i32::MAX));
    photo::Entity::insert_many(rows(&operator, square)).exec(&*work).await?;
    let operator = name(app, &mut work, operator, Some((hash, side))).await?;
    work.commit().await?;
    Ok(operator)
}

/// Why a photo was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovePhotoError {
    #[error("{}", NO_SUCH_OPERATOR)]
    NotFound,
}
impl Rejection for RemovePhotoError {}

/// Removes an operator's photo. No effect if there is none.
pub async fn remove(
    app: &App,
    actor: &ProfileEditor,
    id: Option<OperatorId>,
) -> Result<operator::Model, Failure<RemovePhotoError>> {
    let id = id.ok_or(RemovePhotoError::NotFound)?;
    let mut work = app.begin_in(actor.account_id()).await?;
    let operator = lock(&work, actor, id).await?.ok_or(RemovePhotoError::NotFound)?;
    if operator.photo_hash.is_none() {
        return Ok(operator);
    }
    clear(&work, operator.id).await?;
    let operator = name(app, &mut work, operator, None).await?;
    work.commit().await?;
    Ok(operator)
}

/// Locks the account, then the operator: an operator who joins a conversation locks no account, and
/// the photo that the visitor then sees must not be deleted.
async fn lock(work: &Work, actor: &ProfileEditor, id: OperatorId) -> Result<Option<operator::Model>, Abort> {
    accounts::lock_for_profile(work, actor).await?;
    accounts::lock_operators(work, &[actor.account_id()], &[id]).await?;
    Ok(operators::find(&**work, actor.account_id(), id).await?)
}

/// Decoding takes a core for a moment, so it runs on a blocking thread, one photo at a time, and
/// reads the file only when its turn comes. The thread holds the turn, so that a client that
/// disconnects does not let another decoding start at the same time.
async fn decode(file: File, turn: InLine) -> Result<Result<Square, image::Rejection>, anyhow::Error> {
    let decoded = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        // Reading one byte more than the limit detects a file that is too large. The HTTP layer has
        // bounded the rest.
        let limit = image::Limits::default().max_bytes as u64 + 1;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(image::renditions(&bytes))
    });
    decoded.await?
}

fn rows(operator: &operator::Model, square: Square) -> Vec<photo::ActiveModel> {
    let Square { renditions, hash, .. } = square;
    let row = |rendition: image::Rendition| photo::ActiveModel {
        operator_id: Set(operator.id),
        account_id: Set(operator.account_id),
        side: Set(i32::try_from(rendition.side).unwrap_or(i32::MAX)),
        hash: Set(hash.clone()),
        jpeg: Set(rendition.jpeg),
    };
    renditions.into_iter().map(row).collect()
}

/// Deletes all photos of an operator, also those that conversations show: visitors see none from
/// then on. The caller has locked the account, and the operator is inactive, so joins nothing.
pub async fn delete_all(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    photo::Entity::delete_many().filter(photo::COLUMN.operator_id.eq(operator_id)).exec(&**work).await?;
    past_photo::Entity::delete_many().filter(past_photo::COLUMN.operator_id.eq(operator_id)).exec(&**work).await?;
    participation::Entity::update_many()
        .col_expr(participation::Column::PhotoHash, Expr::value(None::<String>))
        .filter(participation::COLUMN.operator_id.eq(operator_id))
        .filter(participation::COLUMN.photo_hash.is_not_null())
        .exec(&**work)
        .await?;
    Ok(())
}

/// Deletes an operator's photo, which stays reachable while a conversation shows it. The caller has
/// locked the operator.
async fn clear(work: &Work, operator_id: OperatorId) -> Result<(), DbErr> {
    let is_shown = participation::Entity::find()
        .select_only()
        .column(participation::Column::PhotoHash)
        .filter(participation::COLUMN.operator_id.eq(operator_id))
        .filter(participation::COLUMN.photo_hash.is_not_null());
    let shown = photo::Entity::find()
        .filter(photo::COLUMN.operator_id.eq(operator_id))
        .filter(photo::COLUMN.hash.in_subquery(is_shown.into_query()))
        .all(&**work)
        .await?;
    if !shown.is_empty() {
        let rows = shown.into_iter().map(|photo| past_photo::ActiveModel {
            operator_id: Set(photo.operator_id),
            hash: Set(photo.hash),
            side: Set(photo.side),
            account_id: Set(photo.account_id),
            jpeg: Set(photo.jpeg),
        });
        let known = OnConflict::new().do_nothing().to_owned();
        past_photo::Entity::insert_many(rows).on_conflict(known).exec_without_returning(&**work).await?;
    }
    photo::Entity::delete_many().filter(photo::COLUMN.operator_id.eq(operator_id)).exec(&**work).await?;
    Ok(())
}

async fn name(
    app: &App,
    work: &mut Work,
    operator: operator::Model,
    photo: Option<(String, i32)>,
) -> Result<operator::Model, DbErr> {
    let (hash, side) = photo.unzip();
    let before = Card::shown(&operator);
    let mut row = operator.into_active_model();
    row.photo_hash = Set(hash);
    row.photo_side = Set(side);
    row.updated_at = Set(app.clock.now());
    let operator = row.update(&**work).await?;
    availability::note_change(work, before, &operator).await?;
    accounts::bump_version(work, operator.account_id).await?;
    Ok(operator)
}
