//! Operators: profiles, permissions, the list, ownership, removal.

mod access;
mod add;
mod document;
mod list;
mod profile;

use crate::support::TestApp;

fn link_token(app: &TestApp, text: &str, page: &str) -> String {
    let start = format!("{}/{page}#token=", app.url());
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split_whitespace().next().expect("a token").to_owned()
}
