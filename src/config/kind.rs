//! Kinds of settings: how a value is written, parsed and shown.

use std::{
    fmt::{self, Display},
    num::NonZeroU32,
    ops::RangeInclusive,
    str::FromStr,
    time::Duration,
};

use super::Rate;

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_mins(1);
pub(super) const HOUR: Duration = Duration::from_hours(1);
pub(super) const DAY: Duration = Duration::from_hours(24);

/// How the value of a setting is parsed and shown.
pub(super) struct Kind<T> {
    /// What `--help` shows in place of the value.
    pub noun: &'static str,
    /// Parses a value; the error does not name the setting.
    pub parse: Parse<T>,
    /// The default in the form in which a user writes it; empty if there is nothing to show.
    pub show: Box<dyn Fn(&T) -> String>,
}

type Parse<T> = Box<dyn Fn(&str) -> Result<T, String>>;

impl<T: 'static> Kind<T> {
    pub fn new(
        noun: &'static str,
        parse: impl Fn(&str) -> Result<T, String> + 'static,
        show: impl Fn(&T) -> String + 'static,
    ) -> Self {
        Self { noun, parse: Box::new(parse), show: Box::new(show) }
    }

    /// A kind whose default is empty, or explained by the description.
    pub fn parsed(noun: &'static str, parse: impl Fn(&str) -> Result<T, String> + 'static) -> Self {
        Self::new(noun, parse, |_| String::new())
    }

    /// The same kind with another noun.
    pub fn called(self, noun: &'static str) -> Self {
        Self { noun, ..self }
    }

    /// For a default that depends on the machine, which the description explains.
    pub fn without_default(self) -> Self {
        Self { show: Box::new(|_| String::new()), ..self }
    }

    /// The kind of a value that may be missing, and is by default.
    pub fn optional(self) -> Kind<Option<T>> {
        Kind::parsed(self.noun, move |text| (self.parse)(text).map(Some))
    }
}

impl<T> fmt::Debug for Kind<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.noun)
    }
}

/// A whole number.
pub(super) fn number<T>(range: RangeInclusive<T>) -> Kind<T>
where
    T: FromStr + PartialOrd + Display + 'static,
{
    let parse = move |text: &str| {
        let parsed = text.parse::<T>().ok().filter(|number| range.contains(number));
        parsed.ok_or_else(|| format!("must be a whole number from {} to {}, not {text:?}", range.start(), range.end()))
    };
    Kind::new("NUMBER", parse, T::to_string)
}

/// A number of bytes.
pub(super) fn bytes(range: RangeInclusive<usize>) -> Kind<usize> {
    number(range).called("BYTES")
}

/// A time such as `30m`.
pub(super) fn duration(range: RangeInclusive<Duration>) -> Kind<Duration> {
    Kind::new("DURATION", move |text| parse_duration(text, &range), |duration| show_duration(*duration))
}

fn parse_duration(text: &str, range: &RangeInclusive<Duration>) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text).ok().filter(|duration| range.contains(duration));
    parsed.ok_or_else(|| {
        let (least, most) = (humantime::format_duration(*range.start()), humantime::format_duration(*range.end()));
        format!("must be a duration from {least} to {most}, such as 30m or 3s, not {text:?}")
    })
}

/// In the largest unit of which the duration is a multiple.
fn show_duration(duration: Duration) -> String {
    let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")];
    let exact =
        units.iter().find(|(unit, _)| duration >= *unit && duration.as_millis().is_multiple_of(unit.as_millis()));
    match exact {
        Some((unit, name)) => format!("{}{name}", duration.as_millis() / unit.as_millis()),
        None => format!("{}ms", duration.as_millis()),
    }
}

/// One of a few words, which `noun` lists in the order of the values: `on|off`.
pub(super) fn choice<T: Copy + PartialEq + 'static, const N: usize>(noun: &'static str, values: [T; N]) -> Kind<T> {
    let words = move || noun.split('|').zip(values);
    let parse = move |text: &str| {
        let found = words().find(|(word, _)| *word == text).map(|(_, value)| value);
        found.ok_or_else(|| format!("must be {}, not {text:?}", noun.replace('|', " or ")))
    };
    let show =
        move |value: &T| words().find(|(_, known)| known == value).map_or_else(String::new, |(word, _)| word.into());
    Kind::new(noun, parse, show)
}

/// `on` or `off`.
pub(super) fn switch() -> Kind<bool> {
    choice("on|off", [true, false])
}

/// A number of attempts and the period in which they refill: `10/1m`.
pub(super) fn rate() -> Kind<Rate> {
    Kind::new("BURST/PERIOD", parse_rate, |rate| format!("{}/{}", rate.burst, show_duration(rate.period)))
}

fn parse_rate(text: &str) -> Result<Rate, String> {
    let problem = || format!("must be a number of attempts and a period, such as 10/1m, not {text:?}");
    let (burst, period) = text.split_once('/').ok_or_else(problem)?;
    let burst = burst.trim().parse::<NonZeroU32>().ok().filter(|burst| burst.get() <= 1_000_000).ok_or_else(problem)?;
    let period = parse_duration(period.trim(), &(SECOND..=30 * DAY)).map_err(|_| problem())?;
    Ok(Rate { burst, period })
}

/// Items separated by commas; none by default.
pub(super) fn list<T: 'static>(noun: &'static str, item: impl Fn(&str) -> Result<T, String> + 'static) -> Kind<Vec<T>> {
    let parse = move |text: &str| text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(&item).collect();
    Kind::parsed(noun, parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_shown_in_its_largest_exact_unit() {
        for (duration, shown) in
            [(7 * DAY, "7d"), (36 * HOUR, "36h"), (90 * SECOND, "90s"), (SECOND / 10, "100ms"), (Duration::ZERO, "0ms")]
        {
            assert_eq!(show_duration(duration), shown);
            assert_eq!(humantime::parse_duration(shown), Ok(duration));
        }
    }
}
