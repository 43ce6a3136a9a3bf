//! Checks that a subscription has one root field, and finds it in a fragment. The library does
//! neither.
//!
//! The library runs each root field of the operation itself as a separate stream, and ignores
//! fragments. So a subscription whose field is in a fragment would end without an answer. Here such
//! a field is copied out of its fragment. The fragment stays in the document, so validation still
//! checks it and its type, and the library ignores it as before.
//!
//! Runs after the document was measured, so it is bounded and no fragment contains itself.

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
        SelectionSet,
    },
};

use super::{DocumentRefused, SubscribesTo};

/// Checks all subscriptions. Returns a document in which each has its field at its root, if the
/// given one does not.
pub(super) fn flatten(document: &ExecutableDocument) -> Result<Option<ExecutableDocument>, DocumentRefused> {
    let mut rewritten = None;
    for (name, operation) in document.operations.iter() {
        if operation.node.ty != OperationType::Subscription {
            continue;
        }
        let root = root(document, &operation.node)?;
        if let [only] = &operation.node.selection_set.node.items[..]
            && matches!(only.node, Selection::Field(_))
        {
            continue;
        }
        let document = rewritten.get_or_insert_with(|| document.clone());
        let operation = match &mut document.operations {
            DocumentOperations::Single(operation) => Some(operation),
            DocumentOperations::Multiple(all) => name.and_then(|name| all.get_mut(name)),
        };
        if let (Some(operation), Some(root)) = (operation, root) {
            let items = &mut operation.node.selection_set.node.items;
            items.retain(|item| !matches!(item.node, Selection::Field(_)));
            items.push(Positioned::new(Selection::Field(root.clone()), root.pos));
        }
    }
    Ok(rewritten)
}

/// The root field of a subscription. `None` if it is in a fragment that is missing.
pub(super) fn field(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<Option<SubscribesTo>, DocumentRefused> {
    let Some(root) = root(document, operation)? else { return Ok(None) };
    let sent = |name: &Name| variables.get(name).cloned().or_else(|| default(operation, name)).ok_or(());
    let value = |(name, value): (Positioned<Name>, Positioned<async_graphql_value::Value>)| {
        value.node.into_const_with(|name| sent(&name)).ok().map(|value| (name.node, value))
    };
    Ok(Some(SubscribesTo {
        field: root.node.name.node,
        arguments: root.node.arguments.into_iter().filter_map(value).collect(),
    }))
}

/// The default of a variable.
fn default(operation: &OperationDefinition, name: &Name) -> Option<Value> {
    let variable = operation.variable_definitions.iter().find(|variable| variable.node.name.node == *name)?;
    variable.node.default_value.as_ref().map(|value| value.node.clone())
}

/// The single root field with fragments expanded, and all that is selected of it. `None` if
/// fragments are missing, for which validation has a better message.
fn root(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<Option<Positioned<Field>>, DocumentRefused> {
    let mut fields = Vec::new();
    collect(document, &operation.selection_set.node, &mut fields)?;
    let mut fields = fields.into_iter();
    let Some(first) = fields.next() else {
        return Ok(None);
    };
    let mut root = first.clone();
    for field in fields {
        let same = field.node.response_key().node == root.node.response_key().node
            && field.node.name.node == root.node.name.node
            && arguments(field) == arguments(&root);
        if !same {
            return Err(DocumentRefused::SeveralRootFields { at: field.pos });
        }
        root.node.selection_set.node.items.extend(field.node.selection_set.node.items.iter().cloned());
    }
    Ok(Some(root))
}

fn arguments(field: &Positioned<Field>) -> Vec<(&str, &async_graphql_value::Value)> {
    let mut arguments: Vec<_> =
        field.node.arguments.iter().map(|(name, value)| (name.node.as_str(), &value.node)).collect();
    arguments.sort_unstable_by_key(|(name, _)| *name);
    arguments
}

fn collect<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> Result<(), DocumentRefused> {
    for item in &set.items {
        unconditional(item.node.directives())?;
        match &item.node {
            Selection::Field(field) => {
                let name = &field.node.name.node;
                if name.starts_with("__") {
                    return Err(DocumentRefused::NoStream { name: name.to_string(), at: field.pos });
                }
                fields.push(field);
            }
            Selection::InlineFragment(inline) => collect(document, &inline.node.selection_set.node, fields)?,
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, fields)?;
                }
            }
        }
    }
    Ok(())
}

/// A directive would be evaluated too late, and the specification forbids these here.
fn unconditional(directives: &[Positioned<Directive>]) -> Result<(), DocumentRefused> {
    match directives.iter().find(|directive| matches!(directive.node.name.node.as_str(), "skip" | "include")) {
        Some(directive) => Err(DocumentRefused::ConditionalRoot { at: directive.pos }),
        None => Ok(()),
    }
}
