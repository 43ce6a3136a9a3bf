//! What people type, parsed into types with guarantees, and what is said when it is invalid.
//!
//! Messages of faults continue the field's name: "must have at most 100 characters".

mod change;
mod characters;
mod chat;
mod email;
mod invalid;
mod name;
mod page_view;
mod search;

pub use self::{
    change::Change,
    chat::{ChatText, ChatTextFault, ClientMessageId},
    email::{EmailAddress, EmailFault, inbox_key},
    invalid::{Invalid, Reason},
    name::{Description, Name, TextFault},
    page_view::PageView,
    search::{SearchText, search_key},
};

/// Implements `Debug` for a type with a typed password or text, a token or a hash, and shows only
/// its name.
macro_rules! debug_hides {
    ($type:ident) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use debug_hides;
