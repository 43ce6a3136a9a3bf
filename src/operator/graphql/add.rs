//! `addOperator`.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{AccessLevel, Operator};
use crate::{
    graphql::{
        ContextExt, Language, Nullable, nullable,
        payload::into_payload,
        user_error::{EmailTaken, InvalidInput, PasswordRejected, TooManyAttempts},
    },
    input::debug_hides,
    operator::rules::{self, AddError, NewOperator},
    schema::UserErrors,
    seat::graphql::SeatLimitReached,
};

/// The profile of a new operator.
#[derive(InputObject)]
pub struct AddOperatorInput {
    /// The name shown in the dashboard, 1 to 100 characters.
    pub name: String,
    /// The name shown to visitors, 1 to 100 characters. Omitted or null: the same as `name`.
    pub public_name: Option<String>,
    /// The address to sign in with, case-insensitive. With a password, it must be unused on this
    /// server, and a link to confirm it is mailed to it. Without a password, the operator gets the
    /// address by accepting the invitation, even if another operator has it unconfirmed.
    pub email: String,
    /// Job title or motto, at most 200 characters.
    pub description: Option<String>,
    /// The operator's permissions.
    #[graphql(default_with = "AccessLevel::Limited")]
    pub access_level: AccessLevel,
    /// At least 12 characters, unless the server is configured otherwise. At most 256. Omitted or
    /// null: the operator is invited by mail, with a link that works for 7 days.
    pub password: Option<String>,
    /// Whether to activate the operator. Without a free seat, the operator is added inactive and
    /// `userErrors` contains `SeatLimitReached`.
    #[graphql(default = false)]
    pub is_active: bool,
    /// The language of the mail: the invitation, or the link to confirm the address.
    #[graphql(default_with = "Language::En")]
    pub language: Language,
}
debug_hides!(AddOperatorInput);

/// Result of `addOperator`.
#[derive(Debug, SimpleObject)]
pub struct AddOperatorPayload {
    /// The new operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the operator was not added, or was added inactive. Empty on success.
    pub user_errors: UserErrors<AddError>,
}

crate::rejections! { error: AddError {
    AddError::Invalid(fault) => InvalidInput::from(fault),
    AddError::Password(fault) => PasswordRejected::at("password", fault),
    AddError::EmailTaken => EmailTaken::at(&["email"], &error),
    AddError::TooMany(refused) => TooManyAttempts::from(refused),
    AddError::NoFreeSeat(reached) => SeatLimitReached::at(&["isActive"], &reached, reached.usage.into()),
} }

#[derive(Debug, Default)]
pub struct AddMutation;

#[Object]
impl AddMutation {
    /// Adds an operator. Full access only.
    ///
    /// User errors: `EmailTaken`, `InvalidInput`, `SeatLimitReached`, `TooManyAttempts`,
    /// `WeakPassword`.
    async fn add_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The profile.")] input: AddOperatorInput,
    ) -> Nullable<AddOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let added = rules::add(ctx.app(), &actor, ctx.scope().caller().address, input.into()).await;
            let (added, mut user_errors) = into_payload::<_, _, UserErrors<_>>(added)?;
            let (operator, no_free_seat) = added.map(|added| (added.operator, added.no_free_seat)).unzip();
            if let Some(reached) = no_free_seat.flatten() {
                user_errors.push(AddError::NoFreeSeat(reached));
            }
            Ok(AddOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }
}

impl From<AddOperatorInput> for NewOperator {
    fn from(input: AddOperatorInput) -> Self {
        Self {
            name: input.name,
            public_name: input.public_name,
            email: input.email,
            description: input.description,
            access_level: input.access_level.into(),
            password: input.password,
            wants_active: input.is_active,
            language: input.language.into(),
        }
    }
}
