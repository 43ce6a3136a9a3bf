//! GraphQL types of this server.

use async_graphql::{Context, Error, Object};

use super::queries::{HasAccount, is_sign_up_open};
use crate::{
    config::SignUp,
    graphql::{ContextExt, payload::IntoGraphql},
};

/// Public settings of this server, and whether it has an account.
#[derive(Clone, Copy, Debug)]
pub struct Server;

/// Public settings of this server, and whether it has an account.
#[Object]
impl Server {
    /// Whether `signUp` is open. Unless the server is configured otherwise, it closes with the
    /// first account and stays closed.
    async fn is_sign_up_open(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        let setting = ctx.app().config.sign_up;
        // Only this setting needs to know.
        let has_account = setting == SignUp::First && has_account(ctx).await?;
        Ok(is_sign_up_open(setting, has_account))
    }

    /// Whether this server has an account. False after the installation, until the first account is
    /// created.
    async fn has_account(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        has_account(ctx).await
    }

    /// The server's URL for browsers, such as `https://chat.example.com`, without a trailing slash.
    async fn public_url(&self, ctx: &Context<'_>) -> String {
        ctx.app().config.http.public_base().to_owned()
    }

    /// The minimum length of a new password in Unicode code points.
    async fn password_min_length(&self, ctx: &Context<'_>) -> i32 {
        i32::try_from(ctx.app().config.password.policy.min_length()).expect("bounded by the policy")
    }
}

async fn has_account(ctx: &Context<'_>) -> Result<bool, Error> {
    ctx.scope().read(HasAccount).await.map_err(IntoGraphql::into_graphql)
}

#[derive(Debug, Default)]
pub struct ServerQuery;

#[Object]
impl ServerQuery {
    /// Public settings of this server, and whether it has an account.
    async fn server(&self) -> Server {
        Server
    }
}
