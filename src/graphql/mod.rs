//! What the GraphQL types of all rooms use: ids, pages, user errors, the context of an operation
//! and payloads. Imports no room.

mod change;
pub mod id;
mod language;
mod moment;
mod origin;
pub mod page;
pub mod payload;
pub mod scope;
pub mod user_error;

pub use id::Kind;
pub use language::Language;
pub use moment::Moment;
pub use origin::check_origin;
pub use payload::{Nullable, bad_user_input, into_payload, nullable};
pub use scope::{ContextExt, Scope};
