//! Parses a GraphQL request from JSON text, for all transports.
//!
//! A byte of JSON can become a hundred bytes in memory, so the values of `variables` are counted
//! while they are parsed, and parsing stops at the limit. The only used entry of `extensions` is
//! `persistedQuery`, and only its presence matters. Other and unknown entries are skipped and never
//! built.

mod parse;
#[cfg(test)]
mod tests;

use async_graphql::{Request, Variables};
use axum::http::StatusCode;
use serde::de::DeserializeSeed;

use self::parse::{Entry, Found, Top, TopSeed, Values, Want};
use super::{document, refusal::Refusal};

/// A request, and the approximate memory of its parts.
#[derive(Debug)]
pub(crate) struct Sent {
    pub request: Request,
    pub bytes: usize,
}

/// Parses a request. Types are checked one by one, so that the message names the wrong entry.
/// Unknown entries are ignored, as the specification requires.
///
/// # Errors
/// The text is not a request, has more than `most_values` values, or contains the hash of a
/// persisted query instead of a query.
pub(crate) fn request(text: &[u8], most_values: usize) -> Result<Sent, Refusal> {
    let values = Values::new(most_values);
    let text = unmarked(text);
    let mut json = serde_json::Deserializer::from_slice(text);
    let found = TopSeed(&values).deserialize(&mut json).and_then(|found| json.end().map(|()| found));
    match found {
        Ok(Top::Object(found)) => found.request(),
        Ok(Top::List) => Err(bad("Batches are not supported. Send one request at a time.")),
        Ok(Top::Other) => Err(bad("The body must be a JSON object.")),
        Err(error) => Err(values.refuse("The body", &error)),
    }
}

/// The parameters of a GET. Each may occur once.
#[derive(Debug)]
pub(crate) struct Parameters {
    found: Found,
    values: Values,
}

impl Parameters {
    pub(crate) fn new(most_values: usize) -> Self {
        Self { found: Found::default(), values: Values::new(most_values) }
    }

    /// Takes one parameter. Unknown ones are ignored.
    ///
    /// # Errors
    /// The parameter occurs twice, or is invalid.
    pub(crate) fn take(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let (entry, want) = match name {
            "query" => (&mut self.found.query, None),
            "operationName" => (&mut self.found.operation_name, None),
            "variables" => (&mut self.found.variables, Some(Want::Values(&self.values))),
            "extensions" => (&mut self.found.extensions, Some(Want::Extensions)),
            _ => return Ok(()),
        };
        if !matches!(entry, Entry::Absent) {
            return Err(bad(format!("\"{name}\" is given twice.")));
        }
        *entry = match want {
            // Clients that always send the parameter send an empty one for none (GraphQL over HTTP,
            // "GET").
            None if name == "operationName" && value.is_empty() => Entry::Null,
            None => Entry::Text(value.to_owned()),
            Some(want) => {
                let mut json = serde_json::Deserializer::from_str(value);
                let read = want.deserialize(&mut json).and_then(|read| json.end().map(|()| read));
                read.map_err(|error| self.values.refuse(&format!("\"{name}\""), &error))?
            }
        };
        Ok(())
    }

    /// The request of these parameters.
    ///
    /// # Errors
    /// They are not a valid request.
    pub(crate) fn request(self) -> Result<Sent, Refusal> {
        self.found.request()
    }
}

/// The text without a byte order mark, which some clients send (RFC 8259, section 8.1: a parser may
/// ignore it).
pub(crate) fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::bad(StatusCode::BAD_REQUEST, message)
}

impl Found {
    fn request(self) -> Result<Sent, Refusal> {
        let persisted_query = match self.extensions {
            Entry::Absent | Entry::Null => false,
            Entry::Extensions { persisted_query } => persisted_query,
            _ => return Err(bad("\"extensions\" must be an object.")),
        };
        let query = match self.query {
            Entry::Text(query) if !(query.is_empty() && persisted_query) => query,
            Entry::Absent | Entry::Null | Entry::Text(_) if persisted_query => return Err(Refusal::persisted_query()),
            Entry::Absent | Entry::Null => return Err(bad("\"query\" is missing.")),
            _ => return Err(bad("\"query\" must be a string.")),
        };
        let mut request = Request::new(query);
        request.operation_name = match self.operation_name {
            Entry::Text(name) => Some(name),
            Entry::Absent | Entry::Null => None,
            _ => return Err(bad("\"operationName\" must be a string.")),
        };
        request.variables = match self.variables {
            Entry::Values(variables) => variables,
            Entry::Absent | Entry::Null => Variables::default(),
            _ => return Err(bad("\"variables\" must be an object.")),
        };
        document::refuse_posing_files(request.variables.values()).map_err(|refused| bad(refused.to_string()))?;
        let bytes = document::request_bytes(&request);
        Ok(Sent { request, bytes })
    }
}
