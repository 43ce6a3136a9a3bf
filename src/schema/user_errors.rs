//! The interface `UserError`, and how a rule's rejections become a payload's `userErrors`.
//!
//! A payload declares its field as [`UserErrors<R>`], where `R` is the rejection enum of its rule.
//! The compiler checks that, so the kinds that a mutation can return are those of `R`. A test of
//! [`schema`](super) compares them with the mutation's description.

#[cfg(test)]
use std::collections::BTreeSet;
use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContextSelectionSet, Interface, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};

use crate::{
    conversation::graphql::errors::{
        ChatUnavailable, ClientMessageIdReused, ConversationClosed, ConversationNotFound, NewerConversation,
        NewerMessages, OperatorInactive, VisitorNotFound,
    },
    graphql::user_error::{
        EmailTaken, IncompleteLink, InvalidCredentials, InvalidInput, InvalidLink, OperatorNotFound, OwnerRequired,
        PasswordRejected, TooManyAttempts, WeakPassword,
    },
    link::graphql::AddressConfirmed,
    login::graphql::SignUpClosed,
    operator::graphql::{InvitationAccepted, OwnAccessLevel},
    photo::graphql::PhotoRejected,
    seat::graphql::{PlanFixed, SeatLimitReached, TooManyActiveOperators},
};

/// Something that a person can correct. New types may be added. For unknown types, clients show
/// `message`.
#[derive(Debug, Interface)]
#[graphql(
    field(name = "message", ty = "&String", desc = "What happened and what to do, as a sentence in English."),
    field(
        name = "path",
        ty = "&Vec<String>",
        desc = "Path of the field at fault, from the root of `input`. Empty if no single field is at fault."
    )
)]
pub enum UserError {
    AddressConfirmed(AddressConfirmed),
    ChatUnavailable(ChatUnavailable),
    ClientMessageIdReused(ClientMessageIdReused),
    ConversationClosed(ConversationClosed),
    ConversationNotFound(ConversationNotFound),
    EmailTaken(EmailTaken),
    IncompleteLink(IncompleteLink),
    InvalidCredentials(InvalidCredentials),
    InvalidInput(InvalidInput),
    InvalidLink(InvalidLink),
    InvitationAccepted(InvitationAccepted),
    NewerConversation(NewerConversation),
    NewerMessages(NewerMessages),
    OperatorInactive(OperatorInactive),
    OperatorNotFound(OperatorNotFound),
    OwnAccessLevel(OwnAccessLevel),
    OwnerRequired(OwnerRequired),
    PhotoRejected(PhotoRejected),
    PlanFixed(PlanFixed),
    SeatLimitReached(SeatLimitReached),
    SignUpClosed(SignUpClosed),
    TooManyActiveOperators(TooManyActiveOperators),
    TooManyAttempts(TooManyAttempts),
    VisitorNotFound(VisitorNotFound),
    WeakPassword(WeakPassword),
}

impl From<PasswordRejected> for UserError {
    fn from(rejected: PasswordRejected) -> Self {
        match rejected {
            PasswordRejected::Weak(weak) => weak.into(),
            PasswordRejected::Invalid(invalid) => invalid.into(),
        }
    }
}

/// The rejection of a rule. Implemented with [`rejections!`](crate::rejections).
pub trait IntoUserError {
    fn into_user_error(self) -> UserError;

    /// The type names of the user errors that it can become.
    #[cfg(test)]
    fn kinds() -> BTreeSet<Cow<'static, str>>;
}

/// Maps each rejection of a rule to a kind of user error: `pattern =>
/// Kind::constructor(arguments)`. `$error` names the rejection in the arguments.
#[macro_export]
macro_rules! rejections {
    ($error:ident: $rejection:ty {
        $($pattern:pat => $kind:ident::$constructor:ident($($argument:expr),* $(,)?),)+
    }) => {
        impl $crate::schema::IntoUserError for $rejection {
            fn into_user_error(self) -> $crate::schema::UserError {
                let $error = self;
                match $error {
                    $($pattern => <$kind>::$constructor($($argument),*).into(),)+
                }
            }

            #[cfg(test)]
            fn kinds() -> std::collections::BTreeSet<std::borrow::Cow<'static, str>> {
                [$(<$kind as $crate::schema::user_errors::Kind>::names()),+].into_iter().flatten().collect()
            }
        }
    };
}

/// A kind of user error, or the kinds that one rejection becomes.
#[cfg(test)]
pub trait Kind {
    /// Their type names.
    fn names() -> Vec<Cow<'static, str>>;
}

#[cfg(test)]
impl<T: async_graphql::ObjectType> Kind for T {
    fn names() -> Vec<Cow<'static, str>> {
        vec![T::type_name()]
    }
}

#[cfg(test)]
impl Kind for PasswordRejected {
    fn names() -> Vec<Cow<'static, str>> {
        [WeakPassword::names(), InvalidInput::names()].concat()
    }
}

/// The field `userErrors` of a payload: the rejections `R` of its rule.
#[derive(Debug)]
pub struct UserErrors<R> {
    errors: Vec<UserError>,
    rule: PhantomData<fn(R)>,
}

impl<R: IntoUserError> UserErrors<R> {
    pub fn push(&mut self, rejection: R) {
        self.errors.push(rejection.into_user_error());
    }
}

impl<R: IntoUserError> From<Vec<R>> for UserErrors<R> {
    fn from(rejections: Vec<R>) -> Self {
        Self { errors: rejections.into_iter().map(R::into_user_error).collect(), rule: PhantomData }
    }
}

impl<R> OutputType for UserErrors<R> {
    fn type_name() -> Cow<'static, str> {
        <Vec<UserError> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<UserError> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<UserError> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.errors.resolve(ctx, field).await
    }
}
