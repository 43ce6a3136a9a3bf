//! The lines that `deskbell check` prints.

use std::fmt;

/// What a line says about its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    /// Works, and may not be what the administrator wants.
    Note,
    /// Does not work. The line names the setting to change, where there is one.
    Wrong,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub verdict: Verdict,
    subject: &'static str,
    text: String,
}

pub(super) fn ok(subject: &'static str, text: impl Into<String>) -> Line {
    Line { verdict: Verdict::Ok, subject, text: text.into() }
}

pub(super) fn note(subject: &'static str, text: impl Into<String>) -> Line {
    Line { verdict: Verdict::Note, subject, text: text.into() }
}

pub(super) fn wrong(subject: &'static str, text: impl Into<String>) -> Line {
    Line { verdict: Verdict::Wrong, subject, text: text.into() }
}

impl fmt::Display for Line {
    /// Without control characters: a part may have come from another server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Note => "note",
            Verdict::Wrong => "wrong",
        };
        let text: String = self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        writeln!(f, "{verdict:<5}  {}: {text}", self.subject)
    }
}
