//! The subscriptions of our own pages.
//!
//! Each web part keeps a file with the subscriptions that it sends. Its tests compare the file with
//! what its client sends, so a page with another subscription fails them until the file is updated.

use std::collections::HashSet;

const LISTS: [&str; 2] =
    [include_str!("../web/widget/documents.json"), include_str!("../web/dashboard/documents.json")];

/// The subscriptions of all web parts.
#[derive(Debug)]
pub struct OwnDocuments(HashSet<String>);

impl OwnDocuments {
    /// The lists that this build embeds.
    pub fn embedded() -> Self {
        let list =
            |text| serde_json::from_str::<Vec<String>>(text).expect("a JSON list of strings, as its test wrote it");
        Self(LISTS.into_iter().flat_map(list).collect())
    }

    /// Whether a document is one of them, byte by byte.
    pub fn contain(&self, text: &str) -> bool {
        self.0.contains(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_documents_are_known() {
        let documents = OwnDocuments::embedded();
        for document in &documents.0 {
            assert!(documents.contain(document) && !documents.contain(&format!("{document} ")), "{document}");
            assert!(document.trim_start().starts_with("subscription"), "joined without being parsed: {document}");
        }
        assert!(documents.0.iter().any(|document| document.contains("availability(widgetKey:$key)")));
        assert!(documents.0.iter().any(|document| document.contains("viewer")));
    }
}
