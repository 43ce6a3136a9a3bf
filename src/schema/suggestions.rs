//! Suggestions for misspelled fields, appended to the message of the error.
//!
//! async-graphql has its own, which compare every unknown name with every field of its type. A
//! document of 20 KB keeps a core busy for up to 50 ms with that. Here only the first errors of a
//! response get suggestions, and only names of a usual length.

use async_graphql::{ServerError, registry::Registry};

/// Errors of one response that get suggestions.
const MOST_ERRORS: usize = 3;
/// Suggestions for one field.
const MOST_NAMES: usize = 3;
/// Longest name that is compared, in bytes. The longest name of the schema has 26.
const LONGEST: usize = 50;

/// Appends suggestions to the first errors about unknown fields.
pub(super) fn add(registry: &Registry, errors: &mut [ServerError]) {
    for error in errors.iter_mut().take(MOST_ERRORS) {
        let Some((name, kind)) = unknown_field(&error.message) else { continue };
        let fields = registry.types.get(kind).and_then(|kind| kind.fields());
        let similar = similar(name, fields.into_iter().flatten().map(|(field, _)| field.as_str()));
        if let Some(suggestion) = suggestion(&similar) {
            error.message.push_str(&suggestion);
        }
    }
}

/// The name and the type in async-graphql's message.
fn unknown_field(message: &str) -> Option<(&str, &str)> {
    message.strip_prefix("Unknown field \"")?.strip_suffix("\".")?.split_once("\" on type \"")
}

/// The fields that a person may have meant, the most similar first.
fn similar<'a>(name: &str, fields: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let typed = name.to_ascii_lowercase();
    // A third of the letters, at least one.
    let most = (name.len() / 3).max(1);
    let distance = |field: &str| strsim::damerau_levenshtein(&typed, &field.to_ascii_lowercase());
    let mut found: Vec<_> = fields.map(|field| (distance(field), field)).filter(|(far, _)| *far <= most).collect();
    found.sort_unstable();
    found.into_iter().take(MOST_NAMES).map(|(_, field)| field).collect()
}

fn suggestion(names: &[&str]) -> Option<String> {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    (!quoted.is_empty()).then(|| format!(" Did you mean {}?", quoted.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 6] = ["email", "isActive", "isInvited", "name", "publicName", "photo"];

    fn suggests(name: &str) -> Vec<&'static str> {
        similar(name, FIELDS.into_iter())
    }

    #[test]
    fn a_field_is_found_by_what_is_similar() {
        for (name, expected) in [
            ("emial", vec!["email"]),
            ("EMAIL", vec!["email"]),
            ("is_active", vec!["isActive"]),
            ("isActivd", vec!["isActive"]),
            ("publicname", vec!["publicName"]),
            ("nme", vec!["name"]),
            ("address", vec![]),
            ("x", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(suggests(name), expected, "{name}");
        }
        assert_eq!(similar("name", ["names", "nam", "anme", "nama", "other"].into_iter()), ["anme", "nam", "nama"]);
        assert_eq!(similar(&"e".repeat(51), [&*"e".repeat(51)].into_iter()), [""; 0], "a long name is not compared");
    }

    #[test]
    fn suggestions_are_one_sentence() {
        assert_eq!(suggestion(&[]), None);
        assert_eq!(suggestion(&["name"]).as_deref(), Some(" Did you mean \"name\"?"));
        assert_eq!(suggestion(&["a", "b"]).as_deref(), Some(" Did you mean \"a\" or \"b\"?"));
    }

    #[test]
    fn only_errors_about_fields_are_read() {
        assert_eq!(unknown_field("Unknown field \"emial\" on type \"Operator\"."), Some(("emial", "Operator")));
        for other in
            ["", "Unknown field \"a\"", "Unknown argument \"a\" on field \"b\" of type \"C\".", "Unknown type \"A\"."]
        {
            assert_eq!(unknown_field(other), None, "{other}");
        }
    }
}
