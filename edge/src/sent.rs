//! Parses a GraphQL request from JSON text, for all transports.
//!
//! A byte of JSON can become a hundred bytes in memory, so the values of `variables` are counted
//! while they are parsed, and parsing stops at the limit. The only used entry of `extensions` is
//! `persistedQuery`, and only its presence matters. Other and unknown entries are skipped and never
//! built.

use std::{cell::Cell, fmt};

use async_graphql::{Name, Request, Variables};
use async_graphql_value::{ConstValue, indexmap::IndexMap};
use axum::http::StatusCode;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, error::Category};

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

/// Counts the values that are built.
#[derive(Debug)]
struct Values {
    most: usize,
    built: Cell<usize>,
}

impl Values {
    fn new(most: usize) -> Self {
        Self { most, built: Cell::new(0) }
    }

    fn build<E: de::Error>(&self) -> Result<(), E> {
        self.built.set(self.built.get() + 1);
        if self.built.get() > self.most { Err(E::custom("too many values")) } else { Ok(()) }
    }

    /// The refusal for an error that stopped parsing.
    fn refuse(&self, what: &str, error: &serde_json::Error) -> Refusal {
        if self.built.get() > self.most {
            let refused = document::DocumentRefused::TooManyVariableValues { limit: self.most };
            return Refusal::bad(StatusCode::PAYLOAD_TOO_LARGE, refused.to_string());
        }
        debug_assert_ne!(error.classify(), Category::Data, "types are checked after parsing");
        bad(format!("{what} is not JSON: {error}."))
    }
}

enum Top {
    Object(Box<Found>),
    List,
    Other,
}

/// One entry of a request, as it was sent.
#[derive(Debug, Default)]
enum Entry {
    #[default]
    Absent,
    Null,
    Text(String),
    Values(Variables),
    Extensions {
        persisted_query: bool,
    },
    /// Another type than expected.
    Other,
}

/// The expected type of an entry. Values of other types are skipped.
#[derive(Clone, Copy)]
enum Want<'a> {
    Text,
    Values(&'a Values),
    Extensions,
}

#[derive(Debug, Default)]
struct Found {
    query: Entry,
    operation_name: Entry,
    variables: Entry,
    extensions: Entry,
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

/// The whole request.
struct TopSeed<'a>(&'a Values);

impl<'de> DeserializeSeed<'de> for TopSeed<'_> {
    type Value = Top;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Top, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Visits scalars by returning the same value for each, for visitors that ignore them.
macro_rules! scalars_are {
    ($value:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

impl<'de> Visitor<'de> for TopSeed<'_> {
    type Value = Top;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars_are!(Top::Other);

    fn visit_str<E>(self, _: &str) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_unit<E>(self) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Top, A::Error> {
        skip_list(items)?;
        Ok(Top::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Top, A::Error> {
        let mut found = Box::<Found>::default();
        while let Some(name) = entries.next_key_seed(Want::Text)? {
            let Entry::Text(name) = name else { continue };
            match name.as_str() {
                "query" => found.query = entries.next_value_seed(Want::Text)?,
                "operationName" => found.operation_name = entries.next_value_seed(Want::Text)?,
                "variables" => found.variables = entries.next_value_seed(Want::Values(self.0))?,
                "extensions" => found.extensions = entries.next_value_seed(Want::Extensions)?,
                _ => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Top::Object(found))
    }
}

impl<'de> DeserializeSeed<'de> for Want<'_> {
    type Value = Entry;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Want<'_> {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars_are!(Entry::Other);

    fn visit_str<E>(self, text: &str) -> Result<Entry, E> {
        Ok(match self {
            Self::Text => Entry::Text(text.to_owned()),
            Self::Values(_) | Self::Extensions => Entry::Other,
        })
    }

    fn visit_unit<E>(self) -> Result<Entry, E> {
        Ok(Entry::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Entry, A::Error> {
        skip_list(items)?;
        Ok(Entry::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Entry, A::Error> {
        match self {
            Self::Text => {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Entry::Other)
            }
            Self::Values(values) => {
                let mut variables = Variables::default();
                while let Some(name) = entries.next_key::<String>()? {
                    variables.insert(Name::new(name), entries.next_value_seed(ValueSeed(values))?);
                }
                Ok(Entry::Values(variables))
            }
            Self::Extensions => {
                let mut persisted_query = false;
                while let Some(Entry::Text(name)) = entries.next_key_seed(Want::Text)? {
                    if name == "persistedQuery" {
                        persisted_query = !matches!(entries.next_value_seed(Want::Text)?, Entry::Null);
                    } else {
                        entries.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Entry::Extensions { persisted_query })
            }
        }
    }
}

fn skip_list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<(), A::Error> {
    while items.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// A value of a variable, counted before it is built.
struct ValueSeed<'a>(&'a Values);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ConstValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ConstValue, D::Error> {
        self.0.build()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ConstValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<ConstValue, E> {
        Ok(ConstValue::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<ConstValue, E> {
        Ok(ConstValue::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<ConstValue, E> {
        Ok(ConstValue::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<ConstValue, E> {
        Ok(ConstValue::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<ConstValue, E> {
        Ok(Number::from_f64(value).map_or(ConstValue::Null, ConstValue::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<ConstValue, E> {
        Ok(ConstValue::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<ConstValue, E> {
        Ok(ConstValue::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ConstValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(ValueSeed(self.0))? {
            list.push(item);
        }
        Ok(ConstValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<ConstValue, A::Error> {
        let mut object = IndexMap::new();
        while let Some(name) = entries.next_key::<String>()? {
            object.insert(Name::new(name), entries.next_value_seed(ValueSeed(self.0))?);
        }
        Ok(ConstValue::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Request, String> {
        request(text.as_bytes(), 100).map(|sent| sent.request).map_err(|refusal| refusal.message)
    }

    #[test]
    fn invalid_requests_are_refused_with_a_reason() {
        for (sent, message) in [
            (r#"[{"query":"{a}"}]"#, "Batches are not supported. Send one request at a time."),
            ("[]", "Batches are not supported. Send one request at a time."),
            ("\"{a}\"", "The body must be a JSON object."),
            ("null", "The body must be a JSON object."),
            ("1.5", "The body must be a JSON object."),
            ("{}", "\"query\" is missing."),
            (r#"{"query":null}"#, "\"query\" is missing."),
            (r#"{"query":1}"#, "\"query\" must be a string."),
            (r#"{"query":{"a":[1]}}"#, "\"query\" must be a string."),
            (r#"{"query":"{a}","operationName":{}}"#, "\"operationName\" must be a string."),
            (r#"{"query":"{a}","operationName":[1]}"#, "\"operationName\" must be a string."),
            (r#"{"query":"{a}","variables":[]}"#, "\"variables\" must be an object."),
            (r#"{"query":"{a}","variables":"{}"}"#, "\"variables\" must be an object."),
            (r#"{"query":"{a}","extensions":0}"#, "\"extensions\" must be an object."),
            (r#"{"query":"{a}","extensions":[[]]}"#, "\"extensions\" must be an object."),
            ("{", "The body is not JSON: EOF while parsing an object at line 1 column 1."),
            (r#"{"query":"{a}"} x"#, "The body is not JSON: trailing characters at line 1 column 17."),
            (
                r##"{"query":"{a}","variables":{"a":[{"b":"#__graphql_file__:9"}]}}"##,
                "Strings that begin with \"#__graphql_file__:\" are reserved. Send files as multipart/form-data.",
            ),
        ] {
            assert_eq!(read(sent).expect_err(sent), message, "{sent}");
        }
    }

    #[test]
    fn null_means_absent_and_unknown_entries_are_ignored() {
        let sent = r#"{"query":"{a}","operationName":null,"variables":null,"extensions":null,"more":[{"a":1}]}"#;
        let request = read(sent).expect("a request");
        assert_eq!((request.query.as_str(), request.operation_name), ("{a}", None));
    }

    #[test]
    fn values_are_those_of_the_json() {
        let variables =
            json!({"a": [null, true, -1, 18_446_744_073_709_551_615_u64, 1.5, "ż\n", {"b": {}, "c": []}], "": 1e300});
        let request = read(&json!({"query": "{a}", "variables": variables}).to_string()).expect("a request");
        assert_eq!(request.variables, Variables::from_json(variables));
    }

    #[test]
    fn values_are_counted_while_they_are_parsed_and_parsing_stops() {
        let sent =
            |values: usize| format!(r#"{{"query":"{{a}}","variables":{{"x":[{}null]}}}}"#, "null,".repeat(values - 2));
        assert!(read(&sent(100)).is_ok());
        // The end is missing, so a parser that does not stop would fail there.
        for sent in [sent(101), format!(r#"{{"variables":{{"x":[{}"#, "[],".repeat(1_000_000))] {
            let values = Values::new(100);
            let mut json = serde_json::Deserializer::from_slice(sent.as_bytes());
            assert!(TopSeed(&values).deserialize(&mut json).is_err());
            assert_eq!(values.built.get(), 101);
            assert_eq!(read(&sent).expect_err("too many"), "The variables have more than 100 values.");
        }
    }

    #[test]
    fn unused_entries_are_never_built() {
        for entry in ["extensions", "more"] {
            // Nested deeper than values may be, with more values than are allowed.
            let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
            let values = Values::new(0);
            let text = format!(r#"{{"query":"{{a}}","{entry}":{deep}}}"#);
            let mut json = serde_json::Deserializer::from_slice(text.as_bytes());
            assert!(matches!(TopSeed(&values).deserialize(&mut json), Ok(Top::Object(_))), "{entry}");
            assert_eq!(values.built.get(), 0, "{entry}");
        }
    }

    #[test]
    fn a_persisted_query_is_not_supported_unless_the_query_is_there_as_well() {
        let code = |text: &str| {
            request(text.as_bytes(), 100).map(|sent| sent.request.query).map_err(|refusal| refusal.code.as_str())
        };
        let extensions = r#""extensions":{"clientLibrary":{},"persistedQuery":{"version":1,"sha256Hash":"ecf4"}}"#;
        for query in ["", r#""query":null,"#, r#""query":"","#] {
            assert_eq!(code(&format!("{{{query}{extensions}}}")), Err("PERSISTED_QUERY_NOT_SUPPORTED"), "{query}");
        }
        assert_eq!(code(&format!(r#"{{"query":"{{a}}",{extensions}}}"#)), Ok("{a}".to_owned()));
        assert_eq!(code(r#"{"extensions":{"persistedQuery":null}}"#), Err("BAD_USER_INPUT"));
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(read("\u{feff}{\"query\":\"{a}\"}").expect("a request").query, "{a}");
        assert!(read("\u{feff}\u{feff}{}").is_err());
    }

    #[test]
    fn the_bytes_of_a_request_grow_with_its_values() {
        let weight = |text: &str| request(text.as_bytes(), 10_000).expect("a request").bytes;
        let few = weight(r#"{"query":"{a}"}"#);
        let many = weight(&format!(r#"{{"query":"{{a}}","variables":{{"x":[{}1]}}}}"#, "[],".repeat(1_000)));
        let long = weight(&format!(r#"{{"query":"{{a}}","variables":{{"x":"{}"}}}}"#, "x".repeat(1_000)));
        assert_eq!((few, many > few + 1_000 * size_of::<ConstValue>(), long > few + 1_000), (48, true, true));
    }
}
