//! Errors that a raw server makes on purpose: a counter that was always zero proves nothing.

use std::str::FromStr;

/// The treatment of one widget's delivery of each change, or of the pings of a few widgets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// It is not sent.
    Missing,
    /// It is sent twice.
    Duplicate,
    /// It is sent after more than a second.
    Late,
    /// It contains an operator of another account.
    Foreign,
    /// The previous state is sent again instead.
    Stale,
    /// The first [`Fault::MUTE`] widgets that subscribe get no answer to any ping.
    Unanswered,
}

impl Fault {
    /// Number of widgets whose pings are not answered.
    pub const MUTE: usize = 3;

    pub const ALL: [(&'static str, Self); 6] = [
        ("missing", Self::Missing),
        ("duplicate", Self::Duplicate),
        ("late", Self::Late),
        ("foreign", Self::Foreign),
        ("stale", Self::Stale),
        ("unanswered", Self::Unanswered),
    ];
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, fault)| fault)
            .ok_or_else(|| format!("no fault {name:?}"))
    }
}
