//! What the raw server does wrong when it is told to: a count that was never seen other than zero proves nothing.

use std::str::FromStr;

/// What becomes of one widget's delivery of each change.
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
    /// Somebody of another account is in it.
    Foreign,
    /// The state before is sent once more in its place.
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
