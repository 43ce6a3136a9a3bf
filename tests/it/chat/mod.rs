//! Chats: visitors and operators write to each other. CHAT.md has the promises, G1 to G14; each
//! is a story here.

mod feed;
mod followed;
mod lists;
mod objects;
mod rows;
mod secrets;
