//! Names that are logged once each. A line for every request would bury the rest of the log.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// Upper bound on the names: anonymous clients invent them. Further names are not logged.
const MOST: usize = 100;

/// The names that were logged.
#[derive(Debug, Default)]
pub struct Noticed(Mutex<HashSet<Box<str>>>);

impl Noticed {
    /// Whether the name is new and was added.
    pub fn is_first(&self, name: &str) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.len() < MOST && names.insert(name.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_new_once_and_the_number_of_names_is_bounded() {
        let noticed = Noticed::default();
        assert_eq!(["a", "b", "a", "b"].map(|name| noticed.is_first(name)), [true, true, false, false]);
        let more = (0..10_000).filter(|number| noticed.is_first(&number.to_string())).count();
        assert_eq!(more, MOST - 2);
    }
}
