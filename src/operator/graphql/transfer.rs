//! `transferOwnership`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    account::graphql::Account,
    graphql::{
        ContextExt, Nullable, id, nullable,
        payload::into_payload,
        user_error::{InvalidInput, OperatorNotFound, OwnerRequired},
    },
    input::{Invalid, Reason},
    operator::rules::{self, TransferError},
    schema::UserErrors,
};

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
pub struct TransferMutation;

#[Object]
impl TransferMutation {
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
