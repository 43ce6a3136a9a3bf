//! The mutations of operators: input, payload and rejections of each, next to its resolver.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{AccessLevel, Operator};
use crate::{
    account::graphql::Account,
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::into_payload,
        user_error::{
            EmailTaken, InvalidCredentials, InvalidInput, OperatorNotFound, OwnerRequired, PasswordRejected,
            TooManyAttempts,
        },
    },
    input::{Invalid, Reason},
    operator::rules::{
        self, ActivateError, AddError, ChangeAccessError, Changes, DeactivateError, InviteError, NewOperator,
        RemoveError, TransferError, UpdateError,
    },
    schema::UserErrors,
    seat::graphql::SeatLimitReached,
};

crate::user_error! {
    /// Operators cannot change their own access level.
    OwnAccessLevel {}

    /// The operator has already set a password, and can recover it with `requestPasswordRecovery`.
    InvitationAccepted {}
}

/// The profile of a new operator.
#[derive(Debug, InputObject)]
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
}

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

/// The operator to invite again.
#[derive(Debug, InputObject)]
pub struct InviteOperatorInput {
    /// An operator who has not set a password yet.
    pub operator_id: ID,
}

/// Result of `inviteOperator`.
#[derive(Debug, SimpleObject)]
pub struct InviteOperatorPayload {
    /// The invited operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why no invitation was sent. Empty on success.
    pub user_errors: UserErrors<InviteError>,
}

crate::rejections! { error: InviteError {
    InviteError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    InviteError::HasPassword => InvitationAccepted::at(&["operatorId"], &error),
    InviteError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// Changes of a profile. Omitted fields stay unchanged.
#[derive(Debug, InputObject)]
pub struct UpdateOperatorInput {
    /// The operator to change: yourself, or any operator with full access.
    pub operator_id: ID,
    /// The name shown in the dashboard, 1 to 100 characters. Not null.
    pub name: MaybeUndefined<String>,
    /// The name shown to visitors, 1 to 100 characters. Null: the same as `name`.
    pub public_name: MaybeUndefined<String>,
    /// The address to sign in with. Not null.
    ///
    /// Your own requires `currentPassword`, and takes effect when the mailed link is confirmed.
    /// Until then it is `pendingEmail`. Send the current address to cancel the change.
    ///
    /// Another operator's takes effect immediately. A notification is mailed to the former address,
    /// and an operator without a password is invited at the new one. Earlier links stop working.
    ///
    /// Only the owner changes the owner's address, unless it was lost. Without a mail relay, every
    /// change takes effect immediately.
    pub email: MaybeUndefined<String>,
    /// Your password. Required to change your own address, otherwise ignored.
    pub current_password: Option<String>,
    /// Job title or motto, at most 200 characters. Null: none.
    pub description: MaybeUndefined<String>,
}

/// Result of `updateOperator`.
#[derive(Debug, SimpleObject)]
pub struct UpdateOperatorPayload {
    /// The changed operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the operator was not changed. Empty on success.
    pub user_errors: UserErrors<UpdateError>,
}

crate::rejections! { error: UpdateError {
    UpdateError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    UpdateError::Invalid(fault) => InvalidInput::from(fault),
    UpdateError::EmailTaken => EmailTaken::at(&["email"], &error),
    UpdateError::OwnersAddress => OwnerRequired::at(&["email"], &error),
    UpdateError::WrongPassword => InvalidCredentials::at(&["currentPassword"], &error),
    UpdateError::TooMany(refused) => TooManyAttempts::from(refused),
} }

/// An operator and a new access level.
#[derive(Debug, InputObject)]
pub struct ChangeAccessLevelInput {
    /// Any operator except yourself and the owner.
    pub operator_id: ID,
    /// The new access level.
    pub access_level: AccessLevel,
}

/// Result of `changeAccessLevel`.
#[derive(Debug, SimpleObject)]
pub struct ChangeAccessLevelPayload {
    /// The changed operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the access level was not changed. Empty on success.
    pub user_errors: UserErrors<ChangeAccessError>,
}

crate::rejections! { error: ChangeAccessError {
    ChangeAccessError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    ChangeAccessError::Owner => OwnerRequired::at(&["operatorId"], &error),
    ChangeAccessError::Own => OwnAccessLevel::at(&["operatorId"], &error),
} }

/// The operator to activate.
#[derive(Debug, InputObject)]
pub struct ActivateOperatorInput {
    /// Any operator of the account.
    pub operator_id: ID,
}

/// Result of `activateOperator`.
#[derive(Debug, SimpleObject)]
pub struct ActivateOperatorPayload {
    /// The active operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the operator was not activated. Empty on success.
    pub user_errors: UserErrors<ActivateError>,
}

crate::rejections! { error: ActivateError {
    ActivateError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    ActivateError::NoFreeSeat(reached) => SeatLimitReached::at(&["operatorId"], &reached, reached.usage.into()),
} }

/// The operator to deactivate.
#[derive(Debug, InputObject)]
pub struct DeactivateOperatorInput {
    /// Any operator of the account, including the owner.
    pub operator_id: ID,
}

/// Result of `deactivateOperator`.
#[derive(Debug, SimpleObject)]
pub struct DeactivateOperatorPayload {
    /// The inactive operator. Null if refused.
    pub operator: Option<Operator>,
    /// Why the operator was not deactivated. Empty on success.
    pub user_errors: UserErrors<DeactivateError>,
}

crate::rejections! { error: DeactivateError {
    DeactivateError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
} }

/// The operator to remove.
#[derive(Debug, InputObject)]
pub struct RemoveOperatorInput {
    /// Any operator except the owner.
    pub operator_id: ID,
}

/// Result of `removeOperator`.
#[derive(Debug, SimpleObject)]
pub struct RemoveOperatorPayload {
    /// The id of the removed operator. Null if refused.
    pub removed_operator_id: Option<ID>,
    /// Why the operator was not removed. Empty on success.
    pub user_errors: UserErrors<RemoveError>,
}

crate::rejections! { error: RemoveError {
    RemoveError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    RemoveError::Owner => OwnerRequired::at(&["operatorId"], &error),
} }

/// The operator who becomes the owner.
#[derive(Debug, InputObject)]
pub struct TransferOwnershipInput {
    /// An operator who can sign in.
    pub operator_id: ID,
}

/// Result of `transferOwnership`.
#[derive(Debug, SimpleObject)]
pub struct TransferOwnershipPayload {
    /// The account with its new owner. Null if refused.
    pub account: Option<Account>,
    /// Why ownership was not transferred. Empty on success.
    pub user_errors: UserErrors<TransferError>,
}

crate::rejections! { error: TransferError {
    TransferError::NotFound => OperatorNotFound::at(&["operatorId"], &error),
    TransferError::NotOwner => OwnerRequired::at(&[], &error),
    TransferError::NoPassword => InvalidInput::from(Invalid::at("operatorId", Reason::NoPasswordYet, error.to_string())),
    TransferError::NoAddress => InvalidInput::from(Invalid::at("operatorId", Reason::NoAddress, error.to_string())),
} }

#[derive(Debug, Default)]
pub struct OperatorMutation;

#[Object]
impl OperatorMutation {
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

    /// Sends a new invitation to an operator who has not set a password yet. Earlier links stop
    /// working. Full access only.
    ///
    /// User errors: `InvitationAccepted`, `OperatorNotFound`, `TooManyAttempts`.
    async fn invite_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to invite.")] input: InviteOperatorInput,
    ) -> Nullable<InviteOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) =
                into_payload(rules::invite(ctx.app(), &actor, ctx.scope().caller().address, id).await)?;
            Ok(InviteOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Changes a profile: your own, or any operator's with full access.
    ///
    /// User errors: `EmailTaken`, `InvalidCredentials`, `InvalidInput`, `OperatorNotFound`,
    /// `OwnerRequired`, `TooManyAttempts`.
    async fn update_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator, and the changes.")] input: UpdateOperatorInput,
    ) -> Nullable<UpdateOperatorPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.may_edit(id)?;
            let (operator, user_errors) =
                into_payload(rules::update(ctx.app(), &actor, ctx.scope().caller().address, id, input.into()).await)?;
            Ok(UpdateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Changes an operator's access level. Full access only. Refused for yourself and for the
    /// owner.
    ///
    /// User errors: `OperatorNotFound`, `OwnAccessLevel`, `OwnerRequired`.
    async fn change_access_level(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator, and the level.")] input: ChangeAccessLevelInput,
    ) -> Nullable<ChangeAccessLevelPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) =
                into_payload(rules::change_access_level(ctx.app(), &actor, id, input.access_level.into()).await)?;
            Ok(ChangeAccessLevelPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Activates an operator, who then uses a seat of the plan. No effect if already active. Full
    /// access only.
    ///
    /// User errors: `OperatorNotFound`, `SeatLimitReached`.
    async fn activate_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to activate.")] input: ActivateOperatorInput,
    ) -> Nullable<ActivateOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) = into_payload(rules::activate(ctx.app(), &actor, id).await)?;
            Ok(ActivateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Deactivates an operator and frees the seat. Inactive operators can still use the dashboard.
    /// No effect if already inactive. Full access only.
    ///
    /// User errors: `OperatorNotFound`.
    async fn deactivate_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to deactivate.")] input: DeactivateOperatorInput,
    ) -> Nullable<DeactivateOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) = into_payload(rules::deactivate(ctx.app(), &actor, id).await)?;
            Ok(DeactivateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Removes an operator: frees the seat, ends all sessions and clears personal data. Full access
    /// only. Refused for the owner.
    ///
    /// User errors: `OperatorNotFound`, `OwnerRequired`.
    async fn remove_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operator to remove.")] input: RemoveOperatorInput,
    ) -> Nullable<RemoveOperatorPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (removed, user_errors) = into_payload(rules::remove(ctx.app(), &actor, id).await)?;
            Ok(RemoveOperatorPayload { removed_operator_id: removed.map(id::operator), user_errors })
        })
        .await
    }

    /// Transfers the account to another operator, who gets full access. The former owner keeps full
    /// access. Owner only.
    ///
    /// User errors: `InvalidInput`, `OperatorNotFound`, `OwnerRequired`.
    async fn transfer_ownership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new owner.")] input: TransferOwnershipInput,
    ) -> Nullable<TransferOwnershipPayload> {
        nullable(async {
            let actor = ctx.granted()?;
            let id = id::operator_key(&input.operator_id);
            let (account, user_errors) = into_payload(rules::transfer_ownership(ctx.app(), &actor, id).await)?;
            Ok(TransferOwnershipPayload { account: account.map(Account), user_errors })
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
        }
    }
}

impl From<UpdateOperatorInput> for Changes {
    fn from(input: UpdateOperatorInput) -> Self {
        Self {
            name: input.name.into(),
            public_name: input.public_name.into(),
            email: input.email.into(),
            description: input.description.into(),
            current_password: input.current_password,
        }
    }
}
