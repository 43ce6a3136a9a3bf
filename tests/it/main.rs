//! Stories through the public schema, and guard rails around it. One binary, a file a room.

mod settings;
mod support;
