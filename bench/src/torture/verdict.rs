//! What a run found wrong.

use std::fmt;

/// A kind of fault. Every one must stay at zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Lost,
    Doubled,
    Disordered,
    Foreign,
    Unread,
    Kept,
    Reset,
    Stale,
    Late,
    Broken,
}

impl Fault {
    pub const ALL: [(Self, &'static str, &'static str); 10] = [
        (Self::Lost, "lost", "an acknowledged send is not in the database"),
        (Self::Doubled, "doubled", "a send is stored twice, or a message was delivered twice"),
        (Self::Disordered, "disordered", "sequences have a gap or the wrong order, or a log differs from the database"),
        (Self::Foreign, "foreign", "a client received what belongs to another conversation, or a note"),
        (Self::Unread, "unread", "a count of unread messages or a read mark is wrong"),
        (Self::Kept, "kept", "a refused send is in the database"),
        (Self::Reset, "reset", "a good cursor did not continue, or a new conversation continued an old log"),
        (Self::Stale, "stale", "the last state that a client received differs from the state read afresh"),
        (Self::Late, "late", "not answered, or not delivered, in time after the last fault"),
        (Self::Broken, "broken", "an unexpected error, a deadlock, or a panic of a server"),
    ];
}

/// The number of faults of each kind, with the first few explained.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    counts: [usize; Fault::ALL.len()],
    why: Vec<(Fault, String)>,
}

/// Explanations of one kind that are printed.
const EXPLAINED: usize = 3;

impl Verdict {
    pub fn found(&mut self, fault: Fault, why: impl FnOnce() -> String) {
        self.counts[fault as usize] += 1;
        if self.why.iter().filter(|(other, _)| *other == fault).count() < EXPLAINED {
            self.why.push((fault, why()));
        }
    }

    #[must_use]
    pub fn count(&self, fault: Fault) -> usize {
        self.counts[fault as usize]
    }

    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (fault, name, means) in Fault::ALL {
            writeln!(f, "   {name:<11} {:>5}   {means}", self.count(fault))?;
            for (_, why) in self.why.iter().filter(|(other, _)| *other == fault) {
                writeln!(f, "                       - {why}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_counts_and_the_first_are_explained() {
        let mut verdict = Verdict::default();
        assert_eq!(verdict.total(), 0);
        for (fault, ..) in Fault::ALL {
            verdict.found(fault, || "once".to_owned());
            assert_eq!(verdict.count(fault), 1);
        }
        for nth in 0..9 {
            verdict.found(Fault::Lost, || format!("nth {nth}"));
        }
        assert_eq!((verdict.count(Fault::Lost), verdict.total()), (10, 19));
        let printed = verdict.to_string();
        assert!(printed.contains("nth 1") && !printed.contains("nth 2"), "{printed}");
    }
}
