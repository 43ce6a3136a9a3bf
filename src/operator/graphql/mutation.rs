//! The mutations of operators: input, payload and user errors of each, beside its resolver.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject, Union};

use super::{AccessLevel, Operator};
use crate::{
    account::graphql::Account,
    error::{Invalid, Reason},
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::{IntoGraphql, into_payload},
        user_error::{
            EmailTaken, InvalidCredentials, InvalidInput, OperatorNotFound, OwnerRequired, TooManyAttempts,
            WeakPassword,
        },
    },
    operator::rules::{
        self, ActivateError, AddError, ChangeAccessError, Changes, DeactivateError, InviteError, NewOperator,
        RemoveError, TransferError, UpdateError,
    },
    seat::graphql::SeatLimitReached,
};

crate::user_error! {
    /// Nobody changes their own access level.
    OwnAccessLevel;
    /// The operator has set a password already; they can recover it themselves.
    InvitationAccepted;
}

/// A profile to be added.
#[derive(Debug, InputObject)]
pub struct AddOperatorInput {
    /// The name seen in the dashboard, 1 to 100 characters.
    pub name: String,
    /// The name seen by visitors, 1 to 100 characters; the same as `name` when left out.
    pub public_name: Option<String>,
    /// The address to sign in with, without regard to case. With a password it must be free on this server, and a link to confirm it is
    /// mailed there. Without one the operator gets it by accepting the invitation, even from a holder who has not confirmed it.
    pub email: String,
    /// Job title or motto, at most 200 characters.
    pub description: Option<String>,
    /// What the operator may do.
    #[graphql(default_with = "AccessLevel::Limited")]
    pub access_level: AccessLevel,
    /// At least 12 characters, unless the server is set otherwise; at most 256. Left out or null: they are invited by mail, with a
    /// link that works for 7 days.
    pub password: Option<String>,
    /// Whether they may chat at once. Without a free seat they are added inactive, and `userErrors` says so.
    #[graphql(default = false)]
    pub is_active: bool,
}

/// What came of adding an operator.
#[derive(Debug, SimpleObject)]
pub struct AddOperatorPayload {
    /// The operator; null when nobody was added.
    pub operator: Option<Operator>,
    /// Why nobody was added, or why the one who was is inactive; empty when all went as asked.
    pub user_errors: Vec<AddOperatorError>,
}

/// Why an operator was not added, or not activated.
#[derive(Clone, Debug, Union)]
pub enum AddOperatorError {
    InvalidInput(InvalidInput),
    EmailTaken(EmailTaken),
    WeakPassword(WeakPassword),
    SeatLimitReached(SeatLimitReached),
    TooManyAttempts(TooManyAttempts),
}

impl From<AddError> for AddOperatorError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Invalid(fault) => Self::InvalidInput(fault.into()),
            AddError::Password(fault) => {
                WeakPassword::or_invalid("password", fault, Self::WeakPassword, Self::InvalidInput)
            }
            AddError::EmailTaken => Self::EmailTaken(EmailTaken::at("email", error.to_string())),
            AddError::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// Whom to invite again.
#[derive(Debug, InputObject)]
pub struct InviteOperatorInput {
    /// Somebody who has not set a password yet.
    pub operator_id: ID,
}

/// What came of inviting an operator again.
#[derive(Debug, SimpleObject)]
pub struct InviteOperatorPayload {
    /// The operator; null when no mail was sent.
    pub operator: Option<Operator>,
    /// Why no mail was sent; empty when one was.
    pub user_errors: Vec<InviteOperatorError>,
}

/// Why an operator was not invited again.
#[derive(Clone, Debug, Union)]
pub enum InviteOperatorError {
    OperatorNotFound(OperatorNotFound),
    InvitationAccepted(InvitationAccepted),
    TooManyAttempts(TooManyAttempts),
}

impl From<InviteError> for InviteOperatorError {
    fn from(error: InviteError) -> Self {
        let message = error.to_string();
        match error {
            InviteError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", message)),
            InviteError::HasPassword => Self::InvitationAccepted(InvitationAccepted::at("operatorId", message)),
            InviteError::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// What changes in a profile. A field that is left out stays as it is.
#[derive(Debug, InputObject)]
pub struct UpdateOperatorInput {
    /// Whose profile: your own, or anyone's with full access.
    pub operator_id: ID,
    /// The name seen in the dashboard, 1 to 100 characters; never null.
    pub name: MaybeUndefined<String>,
    /// The name seen by visitors, 1 to 100 characters; null: the same as `name` again.
    pub public_name: MaybeUndefined<String>,
    /// The address to sign in with; never null. Your own takes `currentPassword`, and counts once the link that is mailed to it is
    /// confirmed: until then it is `pendingEmail`, and the address that you have withdraws it. Another operator's counts at once; the
    /// former address is notified, and an operator without a password is invited at the new one. Links that were mailed before stop
    /// working. Only the owner changes the owner's, unless it was lost. Without a mail relay every change counts at once.
    pub email: MaybeUndefined<String>,
    /// Your password. Needed to change your own address, and otherwise not read.
    pub current_password: Option<String>,
    /// Job title or motto, at most 200 characters; null: none.
    pub description: MaybeUndefined<String>,
}

/// What came of changing a profile.
#[derive(Debug, SimpleObject)]
pub struct UpdateOperatorPayload {
    /// The operator as changed; null when it was refused.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<UpdateOperatorError>,
}

/// Why a profile was not changed.
#[derive(Clone, Debug, Union)]
pub enum UpdateOperatorError {
    OperatorNotFound(OperatorNotFound),
    InvalidInput(InvalidInput),
    EmailTaken(EmailTaken),
    OwnerRequired(OwnerRequired),
    InvalidCredentials(InvalidCredentials),
    TooManyAttempts(TooManyAttempts),
}

impl From<UpdateError> for UpdateOperatorError {
    fn from(error: UpdateError) -> Self {
        let message = error.to_string();
        match error {
            UpdateError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", message)),
            UpdateError::Invalid(fault) => Self::InvalidInput(fault.into()),
            UpdateError::EmailTaken => Self::EmailTaken(EmailTaken::at("email", message)),
            UpdateError::OwnersAddress => Self::OwnerRequired(OwnerRequired::at("email", message)),
            UpdateError::WrongPassword => Self::InvalidCredentials(InvalidCredentials::at("currentPassword", message)),
            UpdateError::TooMany(refused) => Self::TooManyAttempts(refused.into()),
        }
    }
}

/// Who gets which access level.
#[derive(Debug, InputObject)]
pub struct ChangeAccessLevelInput {
    /// Anyone but yourself and the owner.
    pub operator_id: ID,
    /// What they may do from now on.
    pub access_level: AccessLevel,
}

/// What came of changing an access level.
#[derive(Debug, SimpleObject)]
pub struct ChangeAccessLevelPayload {
    /// The operator as changed; null when it was refused.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<ChangeAccessLevelError>,
}

/// Why an access level was not changed.
#[derive(Clone, Debug, Union)]
pub enum ChangeAccessLevelError {
    OperatorNotFound(OperatorNotFound),
    OwnerRequired(OwnerRequired),
    OwnAccessLevel(OwnAccessLevel),
}

impl From<ChangeAccessError> for ChangeAccessLevelError {
    fn from(error: ChangeAccessError) -> Self {
        let message = error.to_string();
        match error {
            ChangeAccessError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", message)),
            ChangeAccessError::Owner => Self::OwnerRequired(OwnerRequired::at("operatorId", message)),
            ChangeAccessError::Own => Self::OwnAccessLevel(OwnAccessLevel::at("operatorId", message)),
        }
    }
}

/// Who is to be active.
#[derive(Debug, InputObject)]
pub struct ActivateOperatorInput {
    /// Any operator of the account. Somebody active stays so.
    pub operator_id: ID,
}

/// What came of activating an operator.
#[derive(Debug, SimpleObject)]
pub struct ActivateOperatorPayload {
    /// The operator, active; null when it was refused.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<ActivateOperatorError>,
}

/// Why an operator was not activated.
#[derive(Clone, Debug, Union)]
pub enum ActivateOperatorError {
    OperatorNotFound(OperatorNotFound),
    SeatLimitReached(SeatLimitReached),
}

impl From<ActivateError> for ActivateOperatorError {
    fn from(error: ActivateError) -> Self {
        match error {
            ActivateError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", error.to_string())),
            ActivateError::NoFreeSeat(reached) => Self::SeatLimitReached(SeatLimitReached::at("operatorId", reached)),
        }
    }
}

/// Who is to be inactive.
#[derive(Debug, InputObject)]
pub struct DeactivateOperatorInput {
    /// Any operator of the account, the owner included. Somebody inactive stays so.
    pub operator_id: ID,
}

/// What came of deactivating an operator.
#[derive(Debug, SimpleObject)]
pub struct DeactivateOperatorPayload {
    /// The operator, inactive; null when it was refused.
    pub operator: Option<Operator>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<DeactivateOperatorError>,
}

/// Why an operator was not deactivated.
#[derive(Clone, Debug, Union)]
pub enum DeactivateOperatorError {
    OperatorNotFound(OperatorNotFound),
}

impl From<DeactivateError> for DeactivateOperatorError {
    fn from(error: DeactivateError) -> Self {
        match error {
            DeactivateError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", error.to_string())),
        }
    }
}

/// Who is to be removed.
#[derive(Debug, InputObject)]
pub struct RemoveOperatorInput {
    /// Anyone but the owner.
    pub operator_id: ID,
}

/// What came of removing an operator.
#[derive(Debug, SimpleObject)]
pub struct RemoveOperatorPayload {
    /// The id that names nobody any more; null when it was refused.
    pub removed_operator_id: Option<ID>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<RemoveOperatorError>,
}

/// Why an operator was not removed.
#[derive(Clone, Debug, Union)]
pub enum RemoveOperatorError {
    OperatorNotFound(OperatorNotFound),
    OwnerRequired(OwnerRequired),
}

impl From<RemoveError> for RemoveOperatorError {
    fn from(error: RemoveError) -> Self {
        let message = error.to_string();
        match error {
            RemoveError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", message)),
            RemoveError::Owner => Self::OwnerRequired(OwnerRequired::at("operatorId", message)),
        }
    }
}

/// Who is to own the account.
#[derive(Debug, InputObject)]
pub struct TransferOwnershipInput {
    /// An operator who has set a password. They get full access.
    pub operator_id: ID,
}

/// What came of handing ownership over.
#[derive(Debug, SimpleObject)]
pub struct TransferOwnershipPayload {
    /// The account with its new owner; null when it was refused.
    pub account: Option<Account>,
    /// Why it was refused; empty when it was not.
    pub user_errors: Vec<TransferOwnershipError>,
}

/// Why ownership was not handed over.
#[derive(Clone, Debug, Union)]
pub enum TransferOwnershipError {
    OperatorNotFound(OperatorNotFound),
    OwnerRequired(OwnerRequired),
    InvalidInput(InvalidInput),
}

impl From<TransferError> for TransferOwnershipError {
    fn from(error: TransferError) -> Self {
        let message = error.to_string();
        match error {
            TransferError::NotFound => Self::OperatorNotFound(OperatorNotFound::at("operatorId", message)),
            TransferError::NotOwner => Self::OwnerRequired(OwnerRequired { message, path: Vec::new() }),
            TransferError::NoPassword => {
                Self::InvalidInput(Invalid::at("operatorId", Reason::NoPasswordYet, message).into())
            }
            TransferError::NoAddress => {
                Self::InvalidInput(Invalid::at("operatorId", Reason::NoAddress, message).into())
            }
        }
    }
}

#[derive(Debug, Default)]
pub struct OperatorMutation;

#[Object]
impl OperatorMutation {
    /// Adds an operator. Full access only.
    async fn add_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The profile.")] input: AddOperatorInput,
    ) -> Nullable<AddOperatorPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let added = rules::add(ctx.app(), &actor, ctx.scope().caller().address, input.into()).await;
            let (added, mut user_errors) = into_payload::<_, _, AddOperatorError>(added)?;
            let (operator, no_free_seat) = added.map(|added| (added.operator, added.no_free_seat)).unzip();
            user_errors.extend(no_free_seat.flatten().map(|reached| SeatLimitReached::at("isActive", reached).into()));
            Ok(AddOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Sends an operator who has not set a password yet a new link; those sent before stop working. Full access only.
    async fn invite_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: InviteOperatorInput,
    ) -> Nullable<InviteOperatorPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) =
                into_payload(rules::invite(ctx.app(), &actor, ctx.scope().caller().address, id).await)?;
            Ok(InviteOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Changes a profile: your own, or anyone's with full access.
    async fn update_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose profile, and what changes in it.")] input: UpdateOperatorInput,
    ) -> Nullable<UpdateOperatorPayload> {
        nullable(async {
            let id = id::operator_key(&input.operator_id);
            let actor = ctx.viewer().may_edit(id).map_err(IntoGraphql::into_graphql)?;
            let (operator, user_errors) =
                into_payload(rules::update(ctx.app(), &actor, ctx.scope().caller().address, id, input.into()).await)?;
            Ok(UpdateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Sets what an operator may do. Full access only, and never one's own or the owner's.
    async fn change_access_level(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and which level.")] input: ChangeAccessLevelInput,
    ) -> Nullable<ChangeAccessLevelPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) =
                into_payload(rules::change_access_level(ctx.app(), &actor, id, input.access_level.into()).await)?;
            Ok(ChangeAccessLevelPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Activates an operator, who holds one of the plan's seats from then on. Full access only.
    async fn activate_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: ActivateOperatorInput,
    ) -> Nullable<ActivateOperatorPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) = into_payload(rules::activate(ctx.app(), &actor, id).await)?;
            Ok(ActivateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Deactivates an operator, whose seat is free from then on. They keep the dashboard and settings. Full access only.
    async fn deactivate_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: DeactivateOperatorInput,
    ) -> Nullable<DeactivateOperatorPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let id = id::operator_key(&input.operator_id);
            let (operator, user_errors) = into_payload(rules::deactivate(ctx.app(), &actor, id).await)?;
            Ok(DeactivateOperatorPayload { operator: operator.map(Operator), user_errors })
        })
        .await
    }

    /// Removes an operator: the seat is free, every session ends, personal data is cleared. Full access only, and never the owner.
    async fn remove_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: RemoveOperatorInput,
    ) -> Nullable<RemoveOperatorPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
            let id = id::operator_key(&input.operator_id);
            let (removed, user_errors) = into_payload(rules::remove(ctx.app(), &actor, id).await)?;
            Ok(RemoveOperatorPayload { removed_operator_id: removed.map(id::operator), user_errors })
        })
        .await
    }

    /// Hands the account over to another operator, who gets full access. The owner only, who keeps full access.
    async fn transfer_ownership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom.")] input: TransferOwnershipInput,
    ) -> Nullable<TransferOwnershipPayload> {
        nullable(async {
            let actor = ctx.granted().map_err(IntoGraphql::into_graphql)?;
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
