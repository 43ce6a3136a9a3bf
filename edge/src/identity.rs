//! The identity of a caller, as far as the edge depends on it.
//!
//! A product has several kinds of identities: a caller without a token is anonymous, others have
//! signed in, and others have a token that they made themselves. The edge knows them by what they
//! imply. Where a token counts depends on its kind, and the text of the token shows the kind.

use std::net::IpAddr;

use crate::ledger::Who;

/// Who a caller is. The default is anonymous.
pub trait Identity: Clone + Default + Send + Sync + 'static {
    /// What a caller has who has signed in. It is read again before each operation of a socket,
    /// and the caller's connections are closed when it ends.
    type Session: Clone + Send + Sync + 'static;

    /// The session. `None` if the caller is anonymous, or has a token that needs none. Such a
    /// caller may not send files or large bodies. Its connections outlive its token, so a
    /// subscription that depends on the token reports the end of it as an item.
    fn session(&self) -> Option<&Self::Session>;

    /// Where a token counts. Called before the token is looked up.
    fn reach(token: &str) -> Reach;

    /// The client for which the operations are counted. `client` is the address of the caller.
    fn who(&self, client: IpAddr) -> Who;

    /// The client for which the documents that the caller follows are counted.
    fn follower(&self, client: IpAddr) -> Who;

    /// The number of the party that the caller belongs to. The result of a subscription may depend
    /// on the party, and parties with the same number share it. `None` if no result does.
    fn party(&self) -> Option<u128>;
}

/// The pages from which a token counts. A program, which sends no `Origin`, may send any token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Our own pages, and pages of allowed origins.
    AllowedOrigins,
    /// All pages, so that a script on a foreign page can have a token.
    EveryPage,
}
