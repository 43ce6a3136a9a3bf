//! `restoreAddress`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    graphql::{
        ContextExt, Language, Nullable, nullable,
        payload::into_payload,
        user_error::{EmailTaken, IncompleteLink, InvalidLink},
    },
    input::debug_hides,
    link::rules::{self, RestoreError},
    operator::graphql::Operator,
    schema::UserErrors,
};

/// A link's token.
#[derive(InputObject)]
pub struct RestoreAddressInput {
    /// The part of the link after `#token=`.
    pub token: String,
    /// The language of the mails: a link to set a new password, and a notification to the address
    /// that is replaced.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(RestoreAddressInput);

/// Result of `restoreAddress`.
#[derive(Debug, SimpleObject)]
pub struct RestoreAddressPayload {
    /// The operator, who can now sign in with the restored address. All sessions have ended. Null
    /// if refused.
    pub operator: Option<Operator>,
    /// Why the address was not restored. Empty on success.
    pub user_errors: UserErrors<RestoreError>,
}

crate::rejections! { error: RestoreError {
    RestoreError::Incomplete(_) => IncompleteLink::at(&["token"], &error),
    RestoreError::InvalidLink => InvalidLink::at(&["token"], &error),
    RestoreError::EmailTaken => EmailTaken::at(&["token"], &error),
} }

#[derive(Debug, Default)]
pub struct RestoreMutation;

#[Object]
impl RestoreMutation {
    /// Restores the address that the link was mailed to, even after further changes. Ends all
    /// sessions of the operator, invalidates the other links, and mails a link to set a new
    /// password to the restored address. No effect for a removed operator. Public.
    ///
    /// User errors: `EmailTaken`, `IncompleteLink`, `InvalidLink`.
    async fn restore_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token.")] input: RestoreAddressInput,
    ) -> Nullable<RestoreAddressPayload> {
        nullable(async {
            let (operator, user_errors) =
                into_payload(rules::restore(ctx.app(), &input.token, input.language.into()).await)?;
            Ok(RestoreAddressPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}
