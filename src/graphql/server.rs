//! The face of the server itself: what a browser has to know before anybody signs in.

use async_graphql::{Context, Object, SimpleObject};

use super::ContextExt;
use crate::config::Config;

/// This server, as whoever runs it has set it up. Public.
#[derive(Clone, Debug, SimpleObject)]
pub struct Server {
    /// Whether anyone may open an account with `signUp`.
    pub is_sign_up_open: bool,
    /// Where browsers reach the server, such as `https://chat.example.com`, without a slash at the end.
    pub public_url: String,
    /// The fewest characters of a new password, in Unicode code points.
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
    /// What everybody may know of this server before they sign in. Public.
    async fn server(&self, ctx: &Context<'_>) -> Server {
        Server::of(&ctx.app().config)
    }
}
