//! Moments in answers. The library's own scalar describes itself to Rust programmers; this one to clients.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, SecondsFormat, Utc};

/// A moment, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub DateTime<Utc>);

/// A moment in UTC as RFC 3339 writes it, such as `2026-11-22T08:30:00Z`, with up to six digits behind the second.
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
