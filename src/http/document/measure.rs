//! What a document costs once every fragment is written out, in time linear in its text.
//!
//! Each fragment is measured once and remembered; a spread adds what was remembered. The sums saturate, so a document of
//! 26 fragments that each spread the next twice costs "more than any limit" and not 67 million steps.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet},
};

use async_graphql_value::Value;

use super::DocumentRefused;
use crate::config::http::DocumentLimits;

/// Selection sets inside selection sets, fragments included. A bound of its own, because a chain of fragments adds no
/// fields but is walked recursively, here and in validation. Validation refuses at 32.
const MAX_LEVELS: usize = 32;

/// Marks a string that stands for an uploaded file. Only the multipart reader may make one: the library takes the number
/// behind it as an index, and panics when there is no such file.
pub(super) const FILE_MARK: &str = "#__graphql_file__:";

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    nodes: usize,
    aliases: usize,
    root_fields: usize,
    depth: usize,
    levels: usize,
}

/// Measures all operations and all fragments.
pub(super) fn check(document: &ExecutableDocument, limits: &DocumentLimits, introspection: bool) -> Result<(), DocumentRefused> {
    let mut measure = Measure { document, limits, introspection, fragments: HashMap::new(), directives: 0 };
    let mut total = Cost::default();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut cost = measure.directives(&operation.directives)?;
        for variable in &operation.variable_definitions {
            cost = cost.saturating_add(1 + measure.directives(&variable.node.directives)?);
            if let Some(default) = &variable.node.default_value {
                cost = cost.saturating_add(measure.value(&default.node.clone().into_value(), default.pos)?);
            }
        }
        let selected = measure.selection(&operation.selection_set, 1)?;
        total.nodes = total.nodes.saturating_add(cost).saturating_add(selected.nodes);
        total.aliases = total.aliases.saturating_add(selected.aliases);
        total.root_fields = total.root_fields.max(selected.root_fields);
        total.depth = total.depth.max(selected.depth);
    }
    // A fragment that nothing spreads is refused later, but validation walks it first.
    for (name, fragment) in &document.fragments {
        let cost = measure.fragment(name, fragment.pos, 1)?;
        total.depth = total.depth.max(cost.depth);
    }
    // The size first: the other figures of a document that large mean little to a reader.
    let refused = |limit, refusal: fn(usize) -> DocumentRefused| Err(refusal(limit));
    if total.nodes > limits.max_expanded_nodes {
        return refused(limits.max_expanded_nodes, |limit| DocumentRefused::TooLarge { limit });
    }
    if total.depth > limits.max_depth {
        return refused(limits.max_depth, |limit| DocumentRefused::TooDeep { limit });
    }
    if total.aliases > limits.max_aliases {
        return refused(limits.max_aliases, |limit| DocumentRefused::TooManyAliases { limit });
    }
    if total.root_fields > limits.max_root_fields {
        return refused(limits.max_root_fields, |limit| DocumentRefused::TooManyRootFields { limit });
    }
    Ok(())
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    limits: &'a DocumentLimits,
    introspection: bool,
    /// `None` while a fragment is being measured: meeting it again then is a cycle.
    fragments: HashMap<&'a Name, Option<Cost>>,
    directives: usize,
}

impl<'a> Measure<'a> {
    fn selection(&mut self, set: &'a Positioned<SelectionSet>, level: usize) -> Result<Cost, DocumentRefused> {
        if level > MAX_LEVELS {
            return Err(DocumentRefused::TooManyLevels { limit: MAX_LEVELS });
        }
        let mut sum = Cost { levels: 1, ..Cost::default() };
        let mut seen: HashSet<&str> = HashSet::with_capacity(set.node.items.len());
        for selection in &set.node.items {
            let cost = match &selection.node {
                Selection::Field(field) => {
                    let mut cost = self.field(field, level)?;
                    let repeated = !seen.insert(&field.node.response_key().node);
                    cost.aliases = cost.aliases.saturating_add(usize::from(repeated || field.node.alias.is_some()));
                    cost
                }
                Selection::FragmentSpread(spread) => {
                    let own = 1 + self.directives(&spread.node.directives)?;
                    let name = &spread.node.fragment_name.node;
                    let repeated = !seen.insert(name);
                    let mut cost = self.fragment(name, spread.pos, level + 1)?;
                    cost.nodes = cost.nodes.saturating_add(own);
                    cost.aliases = cost.aliases.saturating_add(usize::from(repeated));
                    cost.levels += 1;
                    cost
                }
                Selection::InlineFragment(inline) => {
                    let own = 1 + self.directives(&inline.node.directives)?;
                    let mut cost = self.selection(&inline.node.selection_set, level + 1)?;
                    cost.nodes = cost.nodes.saturating_add(own);
                    cost.levels += 1;
                    cost
                }
            };
            sum.nodes = sum.nodes.saturating_add(cost.nodes);
            sum.aliases = sum.aliases.saturating_add(cost.aliases);
            sum.root_fields = sum.root_fields.saturating_add(cost.root_fields);
            sum.depth = sum.depth.max(cost.depth);
            sum.levels = sum.levels.max(cost.levels);
        }
        Ok(sum)
    }

    fn field(&mut self, field: &'a Positioned<Field>, level: usize) -> Result<Cost, DocumentRefused> {
        let name = field.node.name.node.as_str();
        if !self.introspection && matches!(name, "__schema" | "__type") {
            return Err(DocumentRefused::Introspection { at: field.pos });
        }
        let mut nodes = 1 + self.directives(&field.node.directives)?;
        nodes = nodes.saturating_add(self.arguments(&field.node.arguments)?);
        let mut cost = Cost::default();
        if !field.node.selection_set.node.items.is_empty() {
            cost = self.selection(&field.node.selection_set, level + 1)?;
            cost.levels += 1;
        }
        Ok(Cost { nodes: nodes.saturating_add(cost.nodes), depth: cost.depth + 1, root_fields: 1, ..cost })
    }

    fn fragment(&mut self, name: &'a Name, at: Pos, level: usize) -> Result<Cost, DocumentRefused> {
        // A spread of a fragment that does not exist: validation has the right words.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Cost::default());
        };
        match self.fragments.get(name) {
            Some(None) => {
                return Err(DocumentRefused::FragmentCycle { name: name.to_string(), at });
            }
            Some(Some(known)) if level + known.levels > MAX_LEVELS => {
                return Err(DocumentRefused::TooManyLevels { limit: MAX_LEVELS });
            }
            Some(Some(known)) => return Ok(*known),
            None => {}
        }
        self.fragments.insert(name, None);
        let own = self.directives(&fragment.node.directives)?;
        let mut cost = self.selection(&fragment.node.selection_set, level)?;
        cost.nodes = cost.nodes.saturating_add(own);
        self.fragments.insert(name, Some(cost));
        Ok(cost)
    }

    /// Counts the directives of one place, and refuses one that stands there twice: none of ours may be repeated.
    fn directives(&mut self, directives: &'a [Positioned<Directive>]) -> Result<usize, DocumentRefused> {
        let mut nodes = 0_usize;
        for (index, directive) in directives.iter().enumerate() {
            self.directives += 1;
            if self.directives > self.limits.max_directives {
                return Err(DocumentRefused::TooManyDirectives { limit: self.limits.max_directives });
            }
            let name = &directive.node.name.node;
            if directives[..index].iter().any(|earlier| earlier.node.name.node == *name) {
                return Err(DocumentRefused::RepeatedDirective { name: name.to_string(), at: directive.pos });
            }
            nodes = nodes.saturating_add(1 + self.arguments(&directive.node.arguments)?);
        }
        Ok(nodes)
    }

    fn arguments(&self, arguments: &[(Positioned<Name>, Positioned<Value>)]) -> Result<usize, DocumentRefused> {
        arguments.iter().try_fold(0_usize, |sum, (_, value)| Ok(sum.saturating_add(self.value(&value.node, value.pos)?)))
    }

    /// Every value inside the value. The recursion is as deep as brackets may nest.
    #[expect(clippy::self_only_used_in_recursion, reason = "reads like its siblings")]
    fn value(&self, value: &Value, at: Pos) -> Result<usize, DocumentRefused> {
        let inside = match value {
            Value::List(items) => items.iter().try_fold(0_usize, |sum, item| Ok(sum.saturating_add(self.value(item, at)?)))?,
            Value::Object(fields) => fields.values().try_fold(0_usize, |sum, item| Ok(sum.saturating_add(self.value(item, at)?)))?,
            Value::String(text) if text.starts_with(FILE_MARK) => {
                return Err(DocumentRefused::ReservedText { at: Some(at) });
            }
            _ => 0,
        };
        Ok(1 + inside)
    }
}
