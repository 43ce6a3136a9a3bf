//! Allows the arguments `first` and `last`, from which the size of lists is computed, to be
//! variables without a value.
//!
//! The library reads these arguments before execution, and treats a variable that was not sent as
//! unknown. For a list null means the same, so null is inserted. A variable that is used in any
//! other place as well is not changed, because in an input a missing value and null are different.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Value as ConstValue, Variables,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

const COUNTS: [&str; 2] = ["first", "last"];

#[derive(Default)]
struct Uses<'a> {
    counts: HashSet<&'a Name>,
    others: HashSet<&'a Name>,
}

/// Sets unsent variables to null if they are used for the size of lists only. Runs after the
/// document was measured, so it is bounded.
pub(super) fn null_open_sizes(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &mut Variables,
) {
    let is_open = |name: &Name| !variables.contains_key(name);
    let open: Vec<_> = operation
        .variable_definitions
        .iter()
        .filter(|variable| variable.node.default_value.is_none() && variable.node.var_type.node.nullable)
        .map(|variable| &variable.node.name.node)
        .filter(|name| is_open(name))
        .collect();
    if open.is_empty() {
        return;
    }
    let mut uses = Uses::default();
    uses.selection(&operation.selection_set.node);
    uses.directives(&operation.directives);
    for fragment in document.fragments.values() {
        uses.selection(&fragment.node.selection_set.node);
        uses.directives(&fragment.node.directives);
    }
    for name in open {
        if uses.counts.contains(name) && !uses.others.contains(name) {
            variables.insert(name.clone(), ConstValue::Null);
        }
    }
}

impl<'a> Uses<'a> {
    fn selection(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    for (name, value) in &field.node.arguments {
                        match &value.node {
                            Value::Variable(variable) if COUNTS.contains(&name.node.as_str()) => {
                                self.counts.insert(variable);
                            }
                            value => self.value(value),
                        }
                    }
                    self.selection(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.selection(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            self.value(&value.node);
        }
    }

    fn value(&mut self, value: &'a Value) {
        match value {
            Value::Variable(name) => drop(self.others.insert(name)),
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.values().for_each(|item| self.value(item)),
            _ => {}
        }
    }
}
