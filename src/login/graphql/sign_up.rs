//! `signUp`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::request::{SessionTransport, check_transport, enter};
use crate::{
    account::graphql::Account,
    graphql::{
        ContextExt, Language, Nullable, check_origin, nullable,
        payload::into_payload,
        user_error::{EmailTaken, InvalidInput, PasswordRejected, TooManyAttempts},
    },
    input::debug_hides,
    login::rules::{self, NewAccount, SignUpError},
    operator::graphql::Operator,
    schema::UserErrors,
};

crate::user_error! {
    /// Sign-up is closed on this server.
    SignUpClosed {}
}

/// A company and its owner.
#[derive(InputObject)]
pub struct SignUpInput {
    /// The company's name, 1 to 100 characters.
    pub account_name: String,
    /// The owner's name shown in the dashboard, 1 to 100 characters.
    pub name: String,
    /// The owner's address to sign in with. Unique on this server, case-insensitive.
    pub email: String,
    /// At least 12 characters, unless the server is configured otherwise. At most 256.
    pub password: String,
    /// How the client keeps its session.
    #[graphql(default_with = "SessionTransport::Cookie")]
    pub transport: SessionTransport,
    /// The language of the mail with the link to confirm the address.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(SignUpInput);

/// Result of `signUp`.
#[derive(SimpleObject)]
pub struct SignUpPayload {
    /// The new account, on the FREE plan. Null if refused.
    pub account: Option<Account>,
    /// The owner, active and signed in. Null if refused.
    pub viewer: Option<Operator>,
    /// The session token, returned only once. Null with `transport: COOKIE`.
    pub token: Option<String>,
    /// Why the account was not created. Empty on success.
    pub user_errors: UserErrors<SignUpError>,
}
debug_hides!(SignUpPayload);

crate::rejections! { error: SignUpError {
    SignUpError::Invalid(fault) => InvalidInput::from(fault),
    SignUpError::Password(fault) => PasswordRejected::at("password", fault),
    SignUpError::EmailTaken => EmailTaken::at(&["email"], &error),
    SignUpError::TooMany(refused) => TooManyAttempts::from(refused),
    SignUpError::Closed => SignUpClosed::at(&[], &error),
} }

#[derive(Debug, Default)]
pub struct SignUpMutation;

#[Object]
impl SignUpMutation {
    /// Creates an account on the FREE plan, with an owner who is active and signed in. Open if
    /// `server { isSignUpOpen }`. Refused for pages of foreign origins.
    ///
    /// User errors: `EmailTaken`, `InvalidInput`, `SignUpClosed`, `TooManyAttempts`,
    /// `WeakPassword`.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company and its owner.")] input: SignUpInput,
    ) -> Nullable<SignUpPayload> {
        nullable(async {
            check_origin(ctx)?;
            check_transport(ctx, input.transport)?;
            let new = NewAccount {
                account_name: input.account_name,
                name: input.name,
                email: input.email,
                password: input.password,
                language: input.language.into(),
            };
            let (entered, user_errors) =
                into_payload(rules::sign_up(ctx.app(), ctx.scope().caller().address, new).await)?;
            let token = match &entered {
                Some(entered) => enter(ctx, entered, input.transport).await,
                None => None,
            };
            let (account, viewer) =
                entered.map(|entered| (Account(entered.account), Operator(entered.operator))).unzip();
            Ok(SignUpPayload { account, viewer, token, user_errors })
        })
        .await
    }
}
