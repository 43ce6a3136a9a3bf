//! The face of photos.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Union, Upload};

use super::{image, rules, url};
use crate::{
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{IntoGraphql, internal, into_payload},
        user_error::{OperatorNotFound, TooManyAttempts},
    },
    operator::graphql::Operator,
    photo::rules::{RemovePhotoError, SetPhotoError},
};

/// An operator's photo, a square JPEG in several sizes.
#[derive(Clone, Debug)]
pub struct Photo {
    hash: String,
    side: i32,
}

impl Photo {
    /// The photo that an operator's row names.
    #[must_use]
    pub fn of(row: &entity::operator::Model) -> Option<Self> {
        row.photo_hash.clone().zip(row.photo_side).map(|(hash, side)| Self { hash, side })
    }
}

/// An operator's photo, a square JPEG in several sizes. Shown to visitors when the operator is available.
#[Object]
impl Photo {
    /// Where it is. The address changes with the photo, so what it gives may be kept for ever.
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The side wished for, in pixels. The smallest size that is not smaller is given; without it, the largest."
        )]
        size: Option<i32>,
    ) -> String {
        url(&ctx.app().config, &self.hash, self.side, size)
    }

    /// Width of the largest size in pixels, 100 to 512.
    async fn width(&self) -> i32 {
        self.side
    }

    /// Height of the largest size in pixels; the same as the width.
    async fn height(&self) -> i32 {
        self.side
    }
}

/// Why a photo was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PhotoRejection {
    /// No image at all, or one that is damaged or cut off.
    NotAnImage,
    /// An image, but neither JPEG nor PNG.
    UnsupportedFormat,
    /// Less than 100 × 100 pixels.
    TooSmall,
    /// More than 5 MiB or 40 megapixels.
    TooLarge,
}

/// The file cannot be an operator's photo: it has to be a JPEG or PNG of at least 100 × 100 pixels and at most 5 MiB.
#[derive(Clone, Debug, SimpleObject)]
pub struct PhotoRejected {
    /// A sentence for the person who asked, in English.
    pub message: String,
    /// Where in `input` the fault lies, from its root; empty when nowhere in particular.
    pub path: Vec<String>,
    /// What is wrong with it.
    pub reason: PhotoRejection,
}

impl From<image::Rejection> for PhotoRejected {
    fn from(rejection: image::Rejection) -> Self {
        let reason = match rejection {
            image::Rejection::NotAnImage => PhotoRejection::NotAnImage,
            image::Rejection::UnsupportedFormat => PhotoRejection::UnsupportedFormat,
            image::Rejection::TooSmall { .. } => PhotoRejection::TooSmall,
            image::Rejection::TooLarge { .. } => PhotoRejection::TooLarge,
        };
        Self { message: format!("The photo {rejection}."), path: vec!["photo".to_owned()], reason }
    }
}

/// What a photo is set on, and the photo.
#[derive(Debug, InputObject)]
pub struct SetOperatorPhotoInput {
    /// Whose photo it is: your own, or anyone's with full access.
    pub operator_id: ID,
    /// The file, by a multipart request: JPEG or PNG, at least 100 × 100 pixels, at most 5 MiB. It is cropped to a square.
    pub photo: Upload,
}

/// What came of setting a photo.
#[derive(Debug, SimpleObject)]
pub struct SetOperatorPhotoPayload {
    /// The operator with the photo; null when it was refused.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<SetOperatorPhotoError>,
}

/// Why a photo was not set.
#[derive(Clone, Debug, Union)]
pub enum SetOperatorPhotoError {
    OperatorNotFound(OperatorNotFound),
    PhotoRejected(PhotoRejected),
    TooManyAttempts(TooManyAttempts),
}

impl From<SetPhotoError> for SetOperatorPhotoError {
    fn from(error: SetPhotoError) -> Self {
        match error {
            SetPhotoError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", error.to_string())),
            SetPhotoError::Rejected(rejection) => Self::PhotoRejected(rejection.into()),
            SetPhotoError::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// Whose photo is removed.
#[derive(Debug, InputObject)]
pub struct RemoveOperatorPhotoInput {
    /// Whose photo it is: your own, or anyone's with full access.
    pub operator_id: ID,
}

/// What came of removing a photo.
#[derive(Debug, SimpleObject)]
pub struct RemoveOperatorPhotoPayload {
    /// The operator without the photo; null when that was refused.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<RemoveOperatorPhotoError>,
}

/// Why a photo was not removed.
#[derive(Clone, Debug, Union)]
pub enum RemoveOperatorPhotoError {
    OperatorNotFound(OperatorNotFound),
}

impl From<RemovePhotoError> for RemoveOperatorPhotoError {
    fn from(error: RemovePhotoError) -> Self {
        match error {
            RemovePhotoError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", error.to_string())),
        }
    }
}

#[derive(Debug, Default)]
pub struct PhotoMutation;

#[Object]
impl PhotoMutation {
    /// Sets an operator's photo, in place of the one before: your own, or anyone's with full access.
    async fn set_operator_photo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose photo, and the file.")] input: SetOperatorPhotoInput,
    ) -> Nullable<SetOperatorPhotoPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.viewer().may_edit(id).map_err(IntoGraphql::into_graphql)?;
            let file = input.photo.value(ctx).map_err(|error| internal(&error.into()))?.content;
            let (operator, user_errors) = into_payload(rules::set(ctx.app(), &actor, id, file).await)?;
            Ok(SetOperatorPhotoPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Removes an operator's photo: your own, or anyone's with full access. Without a photo nothing changes.
    async fn remove_operator_photo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose photo.")] input: RemoveOperatorPhotoInput,
    ) -> Nullable<RemoveOperatorPhotoPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.viewer().may_edit(id).map_err(IntoGraphql::into_graphql)?;
            let (operator, user_errors) = into_payload(rules::remove(ctx.app(), &actor, id).await)?;
            Ok(RemoveOperatorPhotoPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}
