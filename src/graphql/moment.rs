//! The scalar `DateTime`. The library's own scalar has a description for Rust programmers; this one
//! is for clients.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub DateTime<Utc>);

/// A point in time in UTC, in RFC 3339 format, such as `2026-11-22T08:30:00Z`. Up to six fractional
/// digits.
#[Scalar(name = "DateTime", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for Moment {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(DateTime::parse_from_rfc3339(text)?.into())),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_it_was_written() {
        for text in ["2026-11-22T08:30:00Z", "2026-11-22T08:30:00.250Z", "2026-11-22T08:30:00.000001Z"] {
            let moment = Moment::parse(Value::from(text)).expect("a moment");
            assert_eq!(moment.to_value(), Value::from(text));
        }
        assert_eq!(
            Moment::parse(Value::from("2026-11-22T09:30:00+01:00")).expect("a moment").to_value(),
            Value::from("2026-11-22T08:30:00Z")
        );
        for nonsense in [Value::from("yesterday"), Value::from(5), Value::Null] {
            assert!(Moment::parse(nonsense).is_err());
        }
    }
}
