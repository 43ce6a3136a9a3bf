//! The subscriptions of our own pages.
//!
//! Each web part keeps a file with the subscriptions that it sends. Its tests compare the file with
//! what its client sends, so a page with another subscription fails them until the file is updated.

use std::{collections::HashSet, sync::LazyLock};

const LISTS: [&str; 2] =
    [include_str!("../web/widget/documents.json"), include_str!("../web/dashboard/documents.json")];

static DOCUMENTS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let list = |text| serde_json::from_str::<Vec<String>>(text).expect("a JSON list of strings, as its test wrote it");
    LISTS.into_iter().flat_map(list).collect()
});

/// Whether a document is one of them, byte by byte.
pub fn is_own(text: &str) -> bool {
    DOCUMENTS.contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_documents_are_known() {
        for document in DOCUMENTS.iter() {
            assert!(is_own(document) && !is_own(&format!("{document} ")), "{document}");
            assert!(document.trim_start().starts_with("subscription"), "joined without being parsed: {document}");
        }
        assert!(DOCUMENTS.iter().any(|document| document.contains("availability(widgetKey:$key)")));
        assert!(DOCUMENTS.iter().any(|document| document.contains("viewer")));
    }
}
