//! GraphQL types of operators. The object is in `object`, its connection in `list`, and each
//! mutation in a separate file: input, payload, rejections and resolver.

mod access;
mod activate;
mod add;
mod invitation;
mod invite;
mod list;
mod object;
mod remove;
mod transfer;
mod update;

use async_graphql::{Context, Error, MergedObject, Object, Subscription, dataloader::DataLoader};
use futures_util::{Stream, StreamExt, future::ready};

use super::queries::{self, Operators};
use crate::{
    access::identity::SeeColleagues,
    graphql::{ContextExt, Scope, payload::IntoGraphql},
    session::{graphql::watch, live::Live},
};

use self::{
    access::AccessMutation, activate::ActivateMutation, add::AddMutation, invite::InviteMutation,
    remove::RemoveMutation, transfer::TransferMutation, update::UpdateMutation,
};
pub use self::{
    access::{ChangeAccessLevelPayload, OwnAccessLevel},
    activate::{ActivateOperatorPayload, DeactivateOperatorPayload},
    add::AddOperatorPayload,
    invite::{InvitationAccepted, InviteOperatorPayload},
    list::OperatorConnection,
    object::{AccessLevel, Operator},
    remove::RemoveOperatorPayload,
    transfer::TransferOwnershipPayload,
    update::UpdateOperatorPayload,
};

#[derive(Debug, Default)]
pub struct OperatorQuery;

#[Object]
impl OperatorQuery {
    /// The signed-in operator. Null for anonymous callers.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Operator, Error>> {
        let viewer = ctx.granted::<SeeColleagues>().ok()?;
        let key = (viewer.account_id(), viewer.operator_id());
        let found = ctx.data_unchecked::<DataLoader<Operators>>().load_one(key).await;
        found.map_err(|error| anyhow::Error::new(error).into_graphql()).map(|row| row.map(Operator)).transpose()
    }
}

/// The mutations of operators.
#[derive(Debug, Default, MergedObject)]
pub struct OperatorMutation(
    AddMutation,
    InviteMutation,
    UpdateMutation,
    AccessMutation,
    ActivateMutation,
    RemoveMutation,
    TransferMutation,
);

#[derive(Debug, Default)]
pub struct OperatorSubscription;

#[Subscription]
impl OperatorSubscription {
    /// The signed-in operator: the current state, then the state after each change of the profile,
    /// the access level or activity.
    ///
    /// Each item contains the complete selection. A client that lags skips to the latest state.
    /// Ends with the session.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<Operator, Error>> + 'static, Error> {
        let viewer = ctx.granted::<SeeColleagues>()?;
        let scope: Scope = ctx.scope().clone();
        let states = watch(scope, ctx.data_unchecked::<Live>(), &viewer, |scope, viewer| async move {
            let row = scope.read(queries::Find(viewer.account_id(), viewer.operator_id())).await?;
            Ok(row.map(Operator))
        });
        // The stream wakes on changes of every operator of the account.
        let mut shown: Option<Operator> = None;
        Ok(states.filter(move |state| {
            let changed = match state {
                Ok(operator) => shown.as_ref() != Some(operator),
                Err(_) => true,
            };
            if let (true, Ok(operator)) = (changed, state) {
                shown = Some(operator.clone());
            }
            ready(changed)
        }))
    }
}
