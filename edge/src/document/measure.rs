//! The cost of a document with all fragments expanded, in time linear in its text.
//!
//! Each fragment is measured once and cached. A spread adds the cached cost. The sums saturate, so
//! a document of 26 fragments that each spread the next one twice exceeds the limit without 67
//! million steps.
//!
//! A variable costs its size at each use: the library copies its whole value there before it checks
//! the type. So a list as long as a body, used two hundred times, would take gigabytes.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned, Variables,
    parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet},
};

use async_graphql_value::{ConstValue, Value};

use super::{DocumentRefused, Introspection};
use crate::config::DocumentLimits;

/// The maximum nesting of selection sets, including those of fragments. It is a separate limit,
/// because a chain of fragments adds no fields but is walked recursively, here and in validation.
/// Validation refuses at 32.
const MAX_LEVELS: usize = 32;

/// The maximum nesting of the schema's lists, as the `MaxIntrospectionDepthRule` of graphql-js
/// counts it: each level multiplies the answer. The standard introspection query has one inside
/// `types`.
const MAX_SCHEMA_LISTS: usize = 2;
const SCHEMA_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// How many bytes of a variable's text cost as much as one node. With this value, a text as long as
/// a JSON body may be used once.
const BYTES_PER_NODE: usize = 128;

/// Marks a string that represents an uploaded file. Only the multipart reader may create one: the
/// library uses the number after it as an index, and panics if there is no such file.
pub(super) const FILE_MARK: &str = "#__graphql_file__:";

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    nodes: usize,
    /// The nodes that variables add.
    variables: usize,
    /// The nesting of the schema's lists.
    schema_lists: usize,
    aliases: usize,
    root_fields: usize,
    depth: usize,
    levels: usize,
}

/// Measures all operations and all fragments.
pub(super) fn check(
    document: &ExecutableDocument,
    variables: &Variables,
    limits: &DocumentLimits,
    introspection: Introspection,
) -> Result<(), DocumentRefused> {
    let variables = sizes(document, variables, limits.max_expanded_nodes)?;
    let mut measure = Measure { document, variables, limits, introspection, fragments: HashMap::new(), directives: 0 };
    let mut total = Cost::default();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut size = measure.directives(&operation.directives)?;
        for variable in &operation.variable_definitions {
            size = size.and(Size::ONE).and(measure.directives(&variable.node.directives)?);
            if let Some(default) = &variable.node.default_value {
                size = size.and(measure.value(&default.node.clone().into_value(), default.pos)?);
            }
        }
        let selected = measure.selection(&operation.selection_set, 1)?;
        total.add_size(size);
        total.add_size(Size { nodes: selected.nodes, variables: selected.variables });
        total.aliases = total.aliases.saturating_add(selected.aliases);
        total.root_fields = total.root_fields.max(selected.root_fields);
        total.depth = total.depth.max(selected.depth);
    }
    // A fragment without a spread is refused later, but validation walks it first.
    for (name, fragment) in &document.fragments {
        let spread = measure.fragments.contains_key(name);
        let cost = measure.fragment(name, fragment.pos, 1)?;
        total.depth = total.depth.max(cost.depth);
        if !spread {
            total.variables = total.variables.saturating_add(cost.variables);
        }
    }
    // The size first, because the other figures of such a large document are of little use to a
    // reader.
    let refused = |limit, refusal: fn(usize) -> DocumentRefused| Err(refusal(limit));
    if total.nodes > limits.max_expanded_nodes {
        return refused(limits.max_expanded_nodes, |limit| DocumentRefused::TooLarge { limit });
    }
    if total.nodes.saturating_add(total.variables) > limits.max_expanded_nodes {
        return refused(limits.max_expanded_nodes, |limit| DocumentRefused::VariablesTooLarge { limit });
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

/// What each variable adds where it is used: the value that was sent, or its default if that is
/// larger.
fn sizes<'a>(
    document: &'a ExecutableDocument,
    sent: &'a Variables,
    most: usize,
) -> Result<HashMap<&'a str, usize>, DocumentRefused> {
    let mut sizes: HashMap<&str, usize> = HashMap::with_capacity(sent.len());
    let mut values = 0_usize;
    for (name, value) in sent.iter() {
        let (nodes, bytes) = extent(value);
        values = values.saturating_add(nodes);
        sizes.insert(name.as_str(), nodes.saturating_add(bytes / BYTES_PER_NODE));
    }
    if values > most {
        return Err(DocumentRefused::TooManyVariableValues { limit: most });
    }
    for (_, operation) in document.operations.iter() {
        for variable in &operation.node.variable_definitions {
            if let Some(default) = &variable.node.default_value {
                let (nodes, bytes) = extent(&default.node);
                let size = sizes.entry(variable.node.name.node.as_str()).or_default();
                *size = (*size).max(nodes.saturating_add(bytes / BYTES_PER_NODE));
            }
        }
    }
    Ok(sizes)
}

/// The nodes of a value and the bytes of its text. JSON is nested at most 128 deep.
pub(super) fn extent(value: &ConstValue) -> (usize, usize) {
    let sum = |(nodes, bytes): (usize, usize), item: &ConstValue| {
        let inside = extent(item);
        (nodes + inside.0, bytes + inside.1)
    };
    match value {
        ConstValue::String(text) => (1, text.len()),
        ConstValue::Enum(name) => (1, name.len()),
        ConstValue::Binary(binary) => (1, binary.len()),
        ConstValue::List(items) => items.iter().fold((1, 0), sum),
        ConstValue::Object(fields) => {
            let names = fields.keys().map(|name| name.len()).sum();
            fields.values().fold((1, names), sum)
        }
        ConstValue::Null | ConstValue::Number(_) | ConstValue::Boolean(_) => (1, 0),
    }
}

/// What arguments and directives add.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    nodes: usize,
    variables: usize,
}

impl Size {
    const ONE: Self = Self { nodes: 1, variables: 0 };

    fn and(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            variables: self.variables.saturating_add(other.variables),
        }
    }
}

impl Cost {
    fn add_size(&mut self, size: Size) {
        self.nodes = self.nodes.saturating_add(size.nodes);
        self.variables = self.variables.saturating_add(size.variables);
    }
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    variables: HashMap<&'a str, usize>,
    limits: &'a DocumentLimits,
    introspection: Introspection,
    /// `None` while a fragment is being measured. Meeting it again then is a cycle.
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
                    let own = Size::ONE.and(self.directives(&spread.node.directives)?);
                    let name = &spread.node.fragment_name.node;
                    let repeated = !seen.insert(name);
                    let mut cost = self.fragment(name, spread.pos, level + 1)?;
                    cost.add_size(own);
                    cost.aliases = cost.aliases.saturating_add(usize::from(repeated));
                    cost.levels += 1;
                    cost
                }
                Selection::InlineFragment(inline) => {
                    let own = Size::ONE.and(self.directives(&inline.node.directives)?);
                    let mut cost = self.selection(&inline.node.selection_set, level + 1)?;
                    cost.add_size(own);
                    cost.levels += 1;
                    cost
                }
            };
            sum.add_size(Size { nodes: cost.nodes, variables: cost.variables });
            sum.schema_lists = sum.schema_lists.max(cost.schema_lists);
            sum.aliases = sum.aliases.saturating_add(cost.aliases);
            sum.root_fields = sum.root_fields.saturating_add(cost.root_fields);
            sum.depth = sum.depth.max(cost.depth);
            sum.levels = sum.levels.max(cost.levels);
        }
        Ok(sum)
    }

    fn field(&mut self, field: &'a Positioned<Field>, level: usize) -> Result<Cost, DocumentRefused> {
        let name = field.node.name.node.as_str();
        if let Introspection::Disabled { prefix } = self.introspection
            && matches!(name, "__schema" | "__type")
        {
            return Err(DocumentRefused::Introspection { prefix, at: field.pos });
        }
        let own = Size::ONE.and(self.directives(&field.node.directives)?).and(self.arguments(&field.node.arguments)?);
        let mut cost = Cost::default();
        if !field.node.selection_set.node.items.is_empty() {
            cost = self.selection(&field.node.selection_set, level + 1)?;
            cost.levels += 1;
        }
        if matches!(name, "__schema" | "__type") && cost.schema_lists > MAX_SCHEMA_LISTS {
            return Err(DocumentRefused::TooManySchemaLists { limit: MAX_SCHEMA_LISTS, at: field.pos });
        }
        cost.add_size(own);
        cost.schema_lists += usize::from(SCHEMA_LISTS.contains(&name));
        Ok(Cost { depth: cost.depth + 1, root_fields: 1, ..cost })
    }

    fn fragment(&mut self, name: &'a Name, at: Pos, level: usize) -> Result<Cost, DocumentRefused> {
        // A spread of an unknown fragment. Validation has a better message.
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
        cost.add_size(own);
        self.fragments.insert(name, Some(cost));
        Ok(cost)
    }

    /// Counts the directives of one place. Refuses one that is used there twice, because the schema
    /// has no repeatable directive.
    fn directives(&mut self, directives: &'a [Positioned<Directive>]) -> Result<Size, DocumentRefused> {
        let mut size = Size::default();
        for (index, directive) in directives.iter().enumerate() {
            self.directives += 1;
            if self.directives > self.limits.max_directives {
                return Err(DocumentRefused::TooManyDirectives { limit: self.limits.max_directives });
            }
            let name = &directive.node.name.node;
            if directives[..index].iter().any(|earlier| earlier.node.name.node == *name) {
                return Err(DocumentRefused::RepeatedDirective { name: name.to_string(), at: directive.pos });
            }
            size = size.and(Size::ONE).and(self.arguments(&directive.node.arguments)?);
        }
        Ok(size)
    }

    fn arguments(&self, arguments: &[(Positioned<Name>, Positioned<Value>)]) -> Result<Size, DocumentRefused> {
        arguments.iter().try_fold(Size::default(), |size, (_, value)| Ok(size.and(self.value(&value.node, value.pos)?)))
    }

    /// Measures all values inside the value. The recursion is limited by the nesting of brackets.
    fn value(&self, value: &Value, at: Pos) -> Result<Size, DocumentRefused> {
        match value {
            Value::List(items) => items.iter().try_fold(Size::ONE, |size, item| Ok(size.and(self.value(item, at)?))),
            Value::Object(fields) => {
                fields.values().try_fold(Size::ONE, |size, item| Ok(size.and(self.value(item, at)?)))
            }
            Value::Variable(name) => {
                Ok(Size { nodes: 1, variables: self.variables.get(name.as_str()).copied().unwrap_or_default() })
            }
            Value::String(text) if text.starts_with(FILE_MARK) => Err(DocumentRefused::ReservedText { at: Some(at) }),
            _ => Ok(Size::ONE),
        }
    }
}
