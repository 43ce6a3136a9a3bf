//! The subscriptions of our own pages, to the letter.
//!
//! Each web part keeps the list of what it sends in a file, which its own tests compare with what its client puts on the wire: a page
//! that asks for something else fails them until the list is current.

use std::{collections::HashSet, sync::LazyLock};

const LISTS: [&str; 2] =
    [include_str!("../../web/widget/documents.json"), include_str!("../../web/dashboard/documents.json")];

static DOCUMENTS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let list = |text| serde_json::from_str::<Vec<String>>(text).expect("a list of texts, as its test wrote it");
    LISTS.into_iter().flat_map(list).collect()
});

/// Whether a document is one of them.
pub(super) fn is_own(text: &str) -> bool {
    DOCUMENTS.contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_are_known_and_no_other() {
        for document in DOCUMENTS.iter() {
            assert!(is_own(document) && !is_own(&format!("{document} ")), "{document}");
            assert!(document.trim_start().starts_with("subscription"), "joined without being parsed: {document}");
        }
        assert!(DOCUMENTS.iter().any(|document| document.contains("availability(widgetKey:$key)")));
        assert!(DOCUMENTS.iter().any(|document| document.contains("viewer")));
    }
}
