//! Errors that the raw server makes on purpose: a counter that was always zero proves nothing.

use std::str::FromStr;

/// The treatment of one widget's delivery of each change.
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
}

impl Fault {
    pub const ALL: [(&'static str, Self); 5] = [
        ("missing", Self::Missing),
        ("duplicate", Self::Duplicate),
        ("late", Self::Late),
        ("foreign", Self::Foreign),
        ("stale", Self::Stale),
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
