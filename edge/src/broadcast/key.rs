//! The key of a shared broadcast.

use std::io::{self, Write};

use async_graphql::Request;
use sha2::{Digest, Sha256};

/// Identifies a shared broadcast: the digest of its document, operation name and variables.
///
/// The same request in another spelling has another key. That costs an execution, but never causes
/// a wrong answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RequestKey([u8; 32]);

impl RequestKey {
    pub(crate) fn of(request: &Request) -> Self {
        let mut digest = Digesting(Sha256::new());
        let name = request.operation_name.as_deref();
        // The variables of a request are sorted by name. As JSON, no two of these triples have the
        // same text.
        serde_json::to_writer(&mut digest, &(&request.query, name, &request.variables))
            .expect("variables came as JSON");
        Self(digest.0.finalize().into())
    }

    /// The key of a broadcast that nobody joins.
    pub(crate) fn unique() -> Self {
        Self(rand::random())
    }

    /// The key for one party, if the results depend on the party.
    pub(crate) fn of_party(self, party: u128) -> Self {
        let mut digest = Sha256::new();
        digest.update(self.0);
        digest.update(party.to_be_bytes());
        Self(digest.finalize().into())
    }

    /// Whether a request may be for a broadcast, by its first word. False for one that begins with
    /// a comment, which is then parsed as usual.
    pub(crate) fn is_likely(request: &Request) -> bool {
        request.query.trim_start().starts_with("subscription")
    }
}

struct Digesting(Sha256);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::*;

    fn request(query: &str, name: Option<&str>, variables: serde_json::Value) -> Request {
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        request.operation_name = name.map(str::to_owned);
        request
    }

    #[test]
    fn the_key_contains_all_that_the_answer_depends_on() {
        let query = "subscription A($k: String!) { a(k: $k) }";
        let same = RequestKey::of(&request(query, None, json!({"k": "1", "x": [1, null]})));
        assert_eq!(same, RequestKey::of(&request(query, None, json!({"x": [1, null], "k": "1"}))));
        for other in [
            request(query, None, json!({"k": "2", "x": [1, null]})),
            request(query, None, json!({"k": "1", "x": [1]})),
            request(query, None, json!({"k": "1"})),
            request(query, Some("A"), json!({"k": "1", "x": [1, null]})),
            request(&format!("{query} "), None, json!({"k": "1", "x": [1, null]})),
        ] {
            assert_ne!(same, RequestKey::of(&other), "{other:?}");
        }
    }

    #[test]
    fn the_parts_of_a_key_are_delimited() {
        let one = RequestKey::of(&request("a\",\"b", None, json!({})));
        assert_ne!(one, RequestKey::of(&request("a", Some("b"), json!({}))));
    }
}
