//! GraphQL types of photos.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Upload};

use super::{image, rules, url};
use crate::{
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{internal, into_payload},
        user_error::{OperatorNotFound, TooManyAttempts},
    },
    operator::graphql::Operator,
    photo::rules::{RemovePhotoError, SetPhotoError},
    schema::UserErrors,
};

/// An operator's photo.
#[derive(Clone, Debug)]
pub struct Photo {
    hash: String,
    side: i32,
}

impl Photo {
    /// The photo of an operator's row.
    #[must_use]
    pub fn of(row: &entity::operator::Model) -> Option<Self> {
        row.photo_hash.clone().zip(row.photo_side).map(|(hash, side)| Self { hash, side })
    }
}

/// An operator's photo, a square JPEG in several sizes. Shown to visitors while the operator is
/// available.
#[Object]
impl Photo {
    /// The photo's URL. It changes with the photo, so its response can be cached without expiry.
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Side length in pixels. The URL is of the smallest size that is at least this large. Default: the largest size."
        )]
        size: Option<i32>,
    ) -> String {
        url(&ctx.app().config, &self.hash, self.side, size)
    }

    /// The width of the largest size in pixels, 100 to 512.
    async fn width(&self) -> i32 {
        self.side
    }

    /// The height of the largest size in pixels. The same as the width.
    async fn height(&self) -> i32 {
        self.side
    }
}

/// Why a photo was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PhotoRejection {
    /// Not an image, or a damaged or truncated one.
    NotAnImage,
    /// An image that is neither JPEG nor PNG.
    UnsupportedFormat,
    /// Smaller than 100 × 100 pixels.
    TooSmall,
    /// Larger than 5 MiB or 40 megapixels.
    TooLarge,
}

crate::user_error! {
    /// The file cannot be used as a photo. It must be a JPEG or PNG of at least 100 × 100 pixels
    /// and at most 5 MiB.
    PhotoRejected {
        /// Why it was rejected.
        reason: PhotoRejection,
    }
}

impl From<image::Rejection> for PhotoRejected {
    fn from(rejection: image::Rejection) -> Self {
        let reason = match rejection {
            image::Rejection::NotAnImage => PhotoRejection::NotAnImage,
            image::Rejection::UnsupportedFormat => PhotoRejection::UnsupportedFormat,
            image::Rejection::TooSmall { .. } => PhotoRejection::TooSmall,
            image::Rejection::TooLarge { .. } => PhotoRejection::TooLarge,
        };
        Self::at(&["photo"], &format!("The photo {rejection}."), reason)
    }
}

/// An operator and a photo.
#[derive(Debug, InputObject)]
pub struct SetOperatorPhotoInput {
    /// Yourself, or any operator with full access.
    pub operator_id: ID,
    /// The file, sent in a multipart request: JPEG or PNG, at least 100 × 100 pixels, at most 5
    /// MiB. It is cropped to a square.
    pub photo: Upload,
}

/// Result of `setOperatorPhoto`.
#[derive(Debug, SimpleObject)]
pub struct SetOperatorPhotoPayload {
    /// The operator with the new photo. Null if refused.
    pub operator: Option<Operator>,
    /// Why the photo was not set. Empty on success.
    pub user_errors: UserErrors<SetPhotoError>,
}

crate::rejections! { error: SetPhotoError {
    SetPhotoError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    SetPhotoError::Rejected(rejection) => PhotoRejected::from(rejection),
    SetPhotoError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// The operator whose photo is removed.
#[derive(Debug, InputObject)]
pub struct RemoveOperatorPhotoInput {
    /// Yourself, or any operator with full access.
    pub operator_id: ID,
}

/// Result of `removeOperatorPhoto`.
#[derive(Debug, SimpleObject)]
pub struct RemoveOperatorPhotoPayload {
    /// The operator without the photo. Null if refused.
    pub operator: Option<Operator>,
    /// Why the photo was not removed. Empty on success.
    pub user_errors: UserErrors<RemovePhotoError>,
}

crate::rejections! { error: RemovePhotoError {
    RemovePhotoError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
} }

#[derive(Debug, Default)]
pub struct PhotoMutation;

#[Object]
impl PhotoMutation {
    /// Sets or replaces a photo: your own, or any operator's with full access.
    ///
    /// User errors: `OperatorNotFound`, `PhotoRejected`, `TooManyAttempts`.
    async fn set_operator_photo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator, and the file.")] input: SetOperatorPhotoInput,
    ) -> Nullable<SetOperatorPhotoPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.may_edit(id)?;
            let file = input.photo.value(ctx).map_err(|error| internal(&error.into()))?.content;
            let (operator, user_errors) = into_payload(rules::set(ctx.app(), &actor, id, file).await)?;
            Ok(SetOperatorPhotoPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Removes a photo: your own, or any operator's with full access. No effect if there is none.
    ///
    /// User errors: `OperatorNotFound`.
    async fn remove_operator_photo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator.")] input: RemoveOperatorPhotoInput,
    ) -> Nullable<RemoveOperatorPhotoPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.may_edit(id)?;
            let (operator, user_errors) = into_payload(rules::remove(ctx.app(), &actor, id).await)?;
            Ok(RemoveOperatorPhotoPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}
