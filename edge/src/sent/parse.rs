//! Reads the entries of a request from JSON, and counts the values that are built.

use std::{cell::Cell, fmt};

use async_graphql::{Name, Variables};
use async_graphql_value::{ConstValue, indexmap::IndexMap};
use axum::http::StatusCode;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, error::Category};

use super::bad;
use crate::{document, refusal::Refusal};

/// Counts the values that are built.
#[derive(Debug)]
pub(super) struct Values {
    most: usize,
    pub built: Cell<usize>,
}

impl Values {
    pub(super) fn new(most: usize) -> Self {
        Self { most, built: Cell::new(0) }
    }

    fn build<E: de::Error>(&self) -> Result<(), E> {
        self.built.set(self.built.get() + 1);
        if self.built.get() > self.most { Err(E::custom("too many values")) } else { Ok(()) }
    }

    /// The refusal for an error that stopped parsing.
    pub(super) fn refuse(&self, what: &str, error: &serde_json::Error) -> Refusal {
        if self.built.get() > self.most {
            let refused = document::DocumentRefused::TooManyVariableValues { limit: self.most };
            return Refusal::bad(StatusCode::PAYLOAD_TOO_LARGE, refused.to_string());
        }
        debug_assert_ne!(error.classify(), Category::Data, "types are checked after parsing");
        bad(format!("{what} is not JSON: {error}."))
    }
}

pub(super) enum Top {
    Object(Box<Found>),
    List,
    Other,
}

/// One entry of a request, as it was sent.
#[derive(Debug, Default)]
pub(super) enum Entry {
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
pub(super) enum Want<'a> {
    Text,
    Values(&'a Values),
    Extensions,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub query: Entry,
    pub operation_name: Entry,
    pub variables: Entry,
    pub extensions: Entry,
}

/// The whole request.
pub(super) struct TopSeed<'a>(pub &'a Values);

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
