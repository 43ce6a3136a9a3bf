//! The context of one operation: the caller, the request, and the application.
//!
//! Each operation gets its own scope when it starts. A subscription updates its scope before each
//! item, so that an operator who is demoted or removed while connected loses access.

use std::sync::{Arc, PoisonError, RwLock};

use async_graphql::{Context, Error};
use edge::caller::Caller;
use entity::OperatorId;
use sea_orm::DbErr;

use crate::{
    access::identity::{Granted, Identity, Permission, ProfileEditor},
    app::{
        App,
        reads::{Read, Reads},
    },
};

/// The context of one operation. Not shared between operations.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    caller: Caller,
    identity: RwLock<Identity>,
    /// Reads shared with other operations. `None` if this operation runs its own.
    reads: RwLock<Option<Arc<Reads>>>,
}

impl Scope {
    #[must_use]
    pub fn new(app: App, identity: Identity, caller: Caller) -> Self {
        Self(Arc::new(Inner { app, caller, identity: RwLock::new(identity), reads: RwLock::default() }))
    }

    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// The caller, as read when the operation started or before the last item of a subscription.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.0.identity.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Updates the caller after a re-read.
    pub fn set_identity(&self, identity: Identity) {
        *self.0.identity.write().unwrap_or_else(PoisonError::into_inner) = identity;
    }

    /// Starts or stops sharing reads with other operations.
    pub fn share_reads(&self, reads: Option<Arc<Reads>>) {
        *self.0.reads.write().unwrap_or_else(PoisonError::into_inner) = reads;
    }

    /// Whether this operation shares reads with others.
    #[must_use]
    pub fn shares_reads(&self) -> bool {
        self.0.reads.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Runs a read, once for all operations that share reads with this one.
    pub async fn read<R: Read>(&self, read: R) -> Result<R::Value, DbErr> {
        let shared = self.0.reads.read().unwrap_or_else(PoisonError::into_inner).clone();
        match shared {
            Some(reads) => reads.get(self.app(), read).await,
            None => read.run(self.app()).await,
        }
    }
}

/// What resolvers need from their context.
pub trait ContextExt<'a> {
    fn scope(&self) -> &'a Scope;

    fn app(&self) -> &'a App {
        self.scope().app()
    }

    fn identity(&self) -> Identity {
        self.scope().identity()
    }

    /// The proof of a permission that a rule requires.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN`, as the client receives it.
    fn granted<P: Permission>(&self) -> Result<Granted<P>, Error> {
        Ok(self.identity().may()?)
    }

    /// The proof for one profile; see [`Identity::may_edit`].
    ///
    /// # Errors
    /// As [`ContextExt::granted`].
    fn may_edit(&self, operator_id: Option<OperatorId>) -> Result<ProfileEditor, Error> {
        Ok(self.identity().may_edit(operator_id)?)
    }
}

impl<'a> ContextExt<'a> for Context<'a> {
    fn scope(&self) -> &'a Scope {
        self.data_unchecked::<Scope>()
    }
}
