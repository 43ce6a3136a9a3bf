//! `confirmAddress`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    graphql::{
        ContextExt, Language, Nullable, nullable,
        payload::into_payload,
        user_error::{EmailTaken, IncompleteLink, InvalidInput, InvalidLink, PasswordRejected, TooManyAttempts},
    },
    input::debug_hides,
    link::rules::{self, ConfirmError},
    operator::graphql::Operator,
    schema::UserErrors,
};

/// A link's token, and a new password if required.
#[derive(InputObject)]
pub struct ConfirmAddressInput {
    /// The part of the link after `#token=`.
    pub token: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256. Required if
    /// another person chose the password, and in a browser that is not signed in to the profile.
    /// All other sessions of the operator end. Null: the password stays unchanged.
    pub new_password: Option<String>,
    /// The language of the mails to the former address, and about a new password.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(ConfirmAddressInput);

/// Result of `confirmAddress`.
#[derive(Debug, SimpleObject)]
pub struct ConfirmAddressPayload {
    /// The operator, who can now sign in with the address. Null if refused. Creates no session.
    pub operator: Option<Operator>,
    /// Why the address was not confirmed. Empty on success.
    pub user_errors: UserErrors<ConfirmError>,
}

crate::rejections! { error: ConfirmError {
    ConfirmError::Incomplete(_) => IncompleteLink::at(&["token"], &error),
    ConfirmError::InvalidLink => InvalidLink::at(&["token"], &error),
    ConfirmError::EmailTaken => EmailTaken::at(&["token"], &error),
    ConfirmError::Invalid(fault) => InvalidInput::from(fault),
    ConfirmError::Password(fault) => PasswordRejected::at("newPassword", fault),
    ConfirmError::TooMany(refused) => TooManyAttempts::from(refused),
} }

#[derive(Debug, Default)]
pub struct ConfirmMutation;

#[Object]
impl ConfirmMutation {
    /// Confirms the address that the link was mailed to: the operator's current address, or a new
    /// one, which then replaces it. A link to restore the former address is mailed to it and works
    /// for 7 days. Public.
    ///
    /// User errors: `EmailTaken`, `IncompleteLink`, `InvalidInput`, `InvalidLink`,
    /// `TooManyAttempts`, `WeakPassword`.
    async fn confirm_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token, and a new password if required.")] input: ConfirmAddressInput,
    ) -> Nullable<ConfirmAddressPayload> {
        nullable(async {
            let identity = ctx.identity();
            let confirmed = rules::confirm(
                ctx.app(),
                identity.signed_in(),
                &input.token,
                input.new_password.as_deref(),
                input.language.into(),
            )
            .await;
            let (operator, user_errors) = into_payload(confirmed)?;
            Ok(ConfirmAddressPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}
