//! Which pages may send passwords and mailed links.

use async_graphql::{Context, Error};
use edge::caller::OriginTrust;

use super::{ContextExt, payload::foreign_origin};

/// Refuses pages of foreign origins, whatever the session transport: passwords and mailed links are
/// for this server's own pages. Checked before any limit is counted, so a foreign page cannot use
/// up the attempts of its visitors.
///
/// # Errors
/// `FORBIDDEN` with the reason `FOREIGN_ORIGIN`, as the client receives it.
pub fn check_origin(ctx: &Context<'_>) -> Result<(), Error> {
    let caller = ctx.scope().caller();
    if caller.origin != OriginTrust::Foreign {
        return Ok(());
    }
    ctx.app().refused_page(caller.foreign_origin());
    Err(foreign_origin(ctx.app().config.foreign_origin()))
}
