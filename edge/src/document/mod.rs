//! Validates the cost of a document before the GraphQL library sees it, on all transports, in time
//! linear in its text.
//!
//! The library's own limits walk each spread of each fragment without caching, so a document of 834
//! bytes occupies a core for half a minute, whatever the limits are. Hence four steps, each cheap
//! enough to allow the next: the length; tokens and nesting, by a lexer that only counts; parsing,
//! whose result stays in the request, so that nothing is parsed twice; and the size with fragments
//! expanded, each measured once.
//!
//! Whether fields and types exist is not checked here. The library's validation does that, and it
//! is safe after these steps.

mod lexer;
mod measure;
mod pages;
mod subscription;
#[cfg(test)]
mod tests;

use async_graphql::{
    ErrorExtensionValues, Name, Pos, Positioned, Request, ServerError, Value, Variables,
    parser::types::{DocumentOperations, OperationDefinition, OperationType},
};

use crate::{
    code::Code,
    config::{DocumentLimits, HttpConfig},
};

/// Why a document is refused. The message contains the limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentRefused {
    /// The request has no document.
    #[error("The request has no query.")]
    Missing,
    /// Longer than [`DocumentLimits::max_bytes`].
    #[error("The document is {bytes} bytes long; at most {limit} are allowed.")]
    TooLong { bytes: usize, limit: usize },
    /// More than [`DocumentLimits::max_tokens`].
    #[error("The document has more than {limit} tokens.")]
    TooManyTokens { limit: usize },
    /// Brackets inside brackets.
    #[error("The document has brackets nested more than {limit} deep.")]
    TooNested { limit: usize },
    /// Not a GraphQL document.
    #[error("Syntax error: {message}.")]
    Syntax { message: String, at: Option<Pos> },
    /// More than [`DocumentLimits::max_depth`].
    #[error("The document has fields nested more than {limit} deep.")]
    TooDeep { limit: usize },
    /// Selection sets inside selection sets, including those of fragments.
    #[error("The document has selections nested more than {limit} deep, fragments included.")]
    TooManyLevels { limit: usize },
    /// More than [`DocumentLimits::max_aliases`].
    #[error("The document uses more than {limit} aliases or repeated fields after its fragments are expanded.")]
    TooManyAliases { limit: usize },
    /// More than [`DocumentLimits::max_root_fields`].
    #[error("The operation has more than {limit} root fields after its fragments are expanded.")]
    TooManyRootFields { limit: usize },
    /// More than [`DocumentLimits::max_directives`].
    #[error("The document uses more than {limit} directives.")]
    TooManyDirectives { limit: usize },
    /// The same directive twice in one place.
    #[error("The directive \"@{name}\" is used twice in the same place. Use it once.")]
    RepeatedDirective { name: String, at: Pos },
    /// More than [`DocumentLimits::max_expanded_nodes`].
    #[error("The document is larger than {limit} nodes after its fragments are expanded.")]
    TooLarge { limit: usize },
    /// More than [`DocumentLimits::max_expanded_nodes`] because of its variables.
    #[error("The document is larger than {limit} nodes after its variables are expanded at each use.")]
    VariablesTooLarge { limit: usize },
    /// More values in the variables, used or not, than [`DocumentLimits::max_expanded_nodes`].
    #[error("The variables have more than {limit} values.")]
    TooManyVariableValues { limit: usize },
    /// Introspection that would multiply the size of its answer.
    #[error("The document nests lists of fields, inputs, interfaces or possible types more than {limit} deep.")]
    TooManySchemaLists { limit: usize, at: Pos },
    /// A subscription with several root fields (GraphQL, section 5.2.3.1).
    #[error("A subscription must have exactly one root field.")]
    SeveralRootFields { at: Pos },
    /// A subscription to a field that is not an event stream.
    #[error("\"{name}\" cannot be the root field of a subscription.")]
    NoStream { name: String, at: Pos },
    /// A root field with a condition.
    #[error("The root field of a subscription must not have @skip or @include.")]
    ConditionalRoot { at: Pos },
    /// A fragment that contains itself.
    #[error("The fragment \"{name}\" spreads itself.")]
    FragmentCycle { name: String, at: Pos },
    /// Introspection is disabled.
    #[error("Introspection is disabled on this server ({prefix}INTROSPECTION).")]
    Introspection { prefix: &'static str, at: Pos },
    /// A string that only the server may create.
    #[error("Strings that begin with \"#__graphql_file__:\" are reserved. Send files as multipart/form-data.")]
    ReservedText { at: Option<Pos> },
    /// A required variable is missing. The library would detect this only during execution.
    #[error("The variable \"${name}\" of type \"{kind}\" is missing.")]
    MissingVariable { name: String, kind: String, at: Pos },
    /// There are several operations and no name, or no operation has the name.
    #[error("{0}")]
    NoSuchOperation(String),
}

impl DocumentRefused {
    /// The refusal as a GraphQL error, with its position in the document if it has one.
    #[must_use]
    pub fn into_error(self) -> ServerError {
        let at = match &self {
            Self::Syntax { at, .. } | Self::ReservedText { at } => *at,
            Self::RepeatedDirective { at, .. }
            | Self::FragmentCycle { at, .. }
            | Self::MissingVariable { at, .. }
            | Self::TooManySchemaLists { at, .. }
            | Self::SeveralRootFields { at }
            | Self::NoStream { at, .. }
            | Self::ConditionalRoot { at }
            | Self::Introspection { at, .. } => Some(*at),
            _ => None,
        };
        let mut error = ServerError::new(self.to_string(), at);
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", Code::BadUserInput.as_str());
        error
    }

    /// Whether the document is refused for its cost, and not because it is invalid.
    #[must_use]
    pub fn is_costly(&self) -> bool {
        !matches!(
            self,
            Self::Missing
                | Self::Syntax { .. }
                | Self::Introspection { .. }
                | Self::MissingVariable { .. }
                | Self::NoStream { .. }
                | Self::ConditionalRoot { .. }
                | Self::NoSuchOperation(_)
                | Self::ReservedText { .. }
        )
    }
}

/// Whether documents may introspect the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Introspection {
    Allowed,
    /// `prefix` is that of the product's settings.
    Disabled {
        prefix: &'static str,
    },
}

impl Introspection {
    pub(crate) fn of(config: &HttpConfig) -> Self {
        if config.introspection { Self::Allowed } else { Self::Disabled { prefix: config.setting_prefix } }
    }
}

/// What a valid document will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    pub kind: OperationType,
    /// The root field of a subscription.
    pub subscribes_to: Option<SubscribesTo>,
}

/// The root field of a subscription, with the values of its arguments. Arguments without a value
/// are omitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribesTo {
    pub field: Name,
    pub arguments: Vec<(Name, Value)>,
}

/// Checks the document of a request, and returns what will run. The request keeps the parsed
/// document, and the variables that its operation declares.
pub fn validate(
    request: &mut Request,
    limits: &DocumentLimits,
    introspection: Introspection,
) -> Result<Validated, DocumentRefused> {
    let text = request.query.as_str();
    if text.trim().is_empty() {
        return Err(DocumentRefused::Missing);
    }
    if text.len() > limits.max_bytes {
        return Err(DocumentRefused::TooLong { bytes: text.len(), limit: limits.max_bytes });
    }
    lexer::count(text, limits.max_tokens)?;
    let (name, mut variables) = (request.operation_name.take(), std::mem::take(&mut request.variables));
    let document = request.parsed_query().map_err(|error| syntax(&error))?;
    let validated = measure::check(document, &variables, limits, introspection).and_then(|()| {
        let operation = chosen(&document.operations, name.as_deref())?;
        // An operation cannot use undeclared variables, so they are dropped instead of kept.
        variables
            .retain(|name, _| operation.variable_definitions.iter().any(|declared| declared.node.name.node == *name));
        require(operation, &variables)?;
        pages::null_open_sizes(document, operation, &mut variables);
        let subscribes_to = match operation.ty {
            OperationType::Subscription => subscription::field(document, operation, &variables)?,
            OperationType::Query | OperationType::Mutation => None,
        };
        let rewritten = subscription::flatten(document)?;
        Ok((Validated { kind: operation.ty, subscribes_to }, rewritten))
    });
    let validated = validated.map(|(validated, rewritten)| {
        if let Some(document) = rewritten {
            request.set_parsed_query(document);
        }
        validated
    });
    request.operation_name = name;
    request.variables = variables;
    validated
}

/// How much memory a byte of a document takes, as text and parsed.
const PARSED_BYTES: usize = 16;
/// How much memory one value takes, including its slot in a list or an object.
const VALUE_BYTES: usize = 128;

/// The approximate memory of a request: its parsed document and its variables.
#[must_use]
pub fn request_bytes(request: &Request) -> usize {
    bytes(request, PARSED_BYTES)
}

/// The same while only the text of the document is kept.
#[must_use]
pub fn text_bytes(request: &Request) -> usize {
    bytes(request, 1)
}

fn bytes(request: &Request, per_byte: usize) -> usize {
    let variables = request.variables.iter().map(|(name, value)| {
        let (values, text) = measure::extent(value);
        name.len().saturating_add(text).saturating_add(values.saturating_mul(VALUE_BYTES))
    });
    variables.fold(request.query.len().saturating_mul(per_byte), usize::saturating_add)
}

/// Refuses an operation with missing variables.
fn require(operation: &OperationDefinition, variables: &Variables) -> Result<(), DocumentRefused> {
    for variable in &operation.variable_definitions {
        let Positioned { pos, node: variable } = variable;
        let required = !variable.var_type.node.nullable && variable.default_value.is_none();
        let sent = variables.get(&variable.name.node).is_some_and(|value| *value != Value::Null);
        if required && !sent {
            return Err(DocumentRefused::MissingVariable {
                name: variable.name.node.to_string(),
                kind: variable.var_type.node.to_string(),
                at: *pos,
            });
        }
    }
    Ok(())
}

/// Refuses strings that look like uploaded files. Called before the multipart reader inserts real
/// ones.
pub fn refuse_posing_files<'a>(variables: impl IntoIterator<Item = &'a Value>) -> Result<(), DocumentRefused> {
    for value in variables {
        match value {
            Value::String(text) if text.starts_with(measure::FILE_MARK) => {
                return Err(DocumentRefused::ReservedText { at: None });
            }
            Value::List(items) => refuse_posing_files(items)?,
            Value::Object(fields) => refuse_posing_files(fields.values())?,
            _ => {}
        }
    }
    Ok(())
}

/// The operation that will run, found in the same way as the executor finds it.
fn chosen<'a>(
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, DocumentRefused> {
    let unknown = |name| DocumentRefused::NoSuchOperation(format!("The document has no operation named \"{name}\"."));
    match (operations, name) {
        (DocumentOperations::Single(_), Some(name)) => Err(unknown(name)),
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Multiple(all), Some(name)) => {
            all.get(name).map(|operation| &operation.node).ok_or_else(|| unknown(name))
        }
        (DocumentOperations::Multiple(all), None) => {
            let mut all = all.values();
            match (all.next(), all.next()) {
                (Some(only), None) => Ok(&only.node),
                _ => Err(DocumentRefused::NoSuchOperation(
                    "The document has several operations. Select one with \"operationName\".".to_owned(),
                )),
            }
        }
    }
}

/// The parser draws the position with lines and arrows. The message keeps only what was expected
/// there.
fn syntax(error: &ServerError) -> DocumentRefused {
    let message = error
        .message
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .map_or("this is not a GraphQL document", |line| line.trim_start_matches("= "))
        .trim_end_matches('.')
        .to_owned();
    DocumentRefused::Syntax { message, at: error.locations.first().copied() }
}
