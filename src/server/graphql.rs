//! GraphQL types of this server.

use async_graphql::{Context, Object, SimpleObject};

use crate::{config::Config, graphql::ContextExt};

/// Public settings of this server.
#[derive(Clone, Debug, SimpleObject)]
pub struct Server {
    /// Whether `signUp` is enabled.
    pub is_sign_up_open: bool,
    /// The server's URL for browsers, such as `https://chat.example.com`, without a trailing slash.
    pub public_url: String,
    /// The minimum length of a new password in Unicode code points.
    pub password_min_length: i32,
}

impl Server {
    fn of(config: &Config) -> Self {
        Self {
            is_sign_up_open: config.sign_up,
            public_url: config.http.public_base().to_owned(),
            password_min_length: i32::try_from(config.password.policy.min_length()).expect("bounded by the policy"),
        }
    }
}

#[derive(Debug, Default)]
pub struct ServerQuery;

#[Object]
impl ServerQuery {
    /// Public settings of this server.
    async fn server(&self, ctx: &Context<'_>) -> Server {
        Server::of(&ctx.app().config)
    }
}
