//! Reads about the whole server.

use std::sync::atomic::Ordering;

use entity::{AccountId, account};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect};

use crate::{
    app::{App, reads::Read},
    config::SignUp,
};

/// Whether the database has an account, as a read that can be shared. Costs no statement once an
/// account was seen, because accounts are never deleted. If the database is replaced by an empty
/// one, the server sees it after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HasAccount;

impl Read for HasAccount {
    type Value = bool;

    async fn run(self, app: &App) -> Result<bool, DbErr> {
        if app.has_account.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let found = exists_any_account(app.db()).await?;
        if found {
            app.has_account.store(true, Ordering::Relaxed);
        }
        Ok(found)
    }
}

/// Whether an anonymous caller may create an account, on a server with or without accounts.
#[must_use]
pub fn is_sign_up_open(setting: SignUp, has_account: bool) -> bool {
    match setting {
        SignUp::First => !has_account,
        SignUp::On => true,
        SignUp::Off => false,
    }
}

/// Whether there is an account, of whatever company.
pub async fn exists_any_account(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let one = account::Entity::find().select_only().column(account::Column::Id).limit(1);
    Ok(one.into_tuple::<AccountId>().one(db).await?.is_some())
}
