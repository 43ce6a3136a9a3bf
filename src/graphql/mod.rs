//! The shelf that every room's face takes from: ids, pages, user errors, what an operation knows, how a rule's answer becomes a
//! payload; and the server's own face. Knows no room.

mod change;
pub mod code;
pub mod id;
mod moment;
pub mod page;
pub mod payload;
pub mod reads;
pub mod scope;
pub mod server;
pub mod user_error;

pub use code::Code;
pub use id::Kind;
pub use moment::Moment;
pub use payload::{Nullable, Rejected, bad_user_input, into_payload, nullable};
pub use scope::{ContextExt, Scope};
