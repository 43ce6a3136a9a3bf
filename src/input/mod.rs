//! What people type, parsed into types with guarantees, and what is said when it is invalid.
//!
//! Messages of faults continue the field's name: "must have at most 100 characters".

mod change;
mod characters;
mod email;
mod invalid;
mod name;
mod search;

pub use self::{
    change::Change,
    email::{EmailAddress, EmailFault, inbox_key},
    invalid::{Invalid, Reason},
    name::{Description, Name, TextFault},
    search::{SearchText, search_key},
};
