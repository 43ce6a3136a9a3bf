//! Judges a document before the GraphQL library sees it, on every transport, in time linear in its text.
//!
//! The library's own limits walk every spread of every fragment without remembering, so that a document of 834 bytes holds
//! a core for half a minute whatever they are set to. Hence four steps, each cheap enough to allow the next: the length;
//! tokens and nesting, by a lexer that only counts; parsing, whose result stays in the request, so that nothing is
//! parsed twice; and the size with fragments written out, each measured once.
//!
//! Whether fields and types exist is not judged here: that is validation, and it is safe once this has passed.

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

use crate::{config::http::DocumentLimits, graphql::Code};

/// Why a document is not let through. The message names the limit and its figure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentRefused {
    /// Nothing was sent to execute.
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
    /// It is no GraphQL document.
    #[error("Syntax error: {message}.")]
    Syntax { message: String, at: Option<Pos> },
    /// More than [`DocumentLimits::max_depth`].
    #[error("The document asks for fields nested more than {limit} deep.")]
    TooDeep { limit: usize },
    /// Selection sets inside selection sets, fragments included.
    #[error("The document has selections nested more than {limit} deep, fragments included.")]
    TooManyLevels { limit: usize },
    /// More than [`DocumentLimits::max_aliases`].
    #[error("The document uses more than {limit} aliases or repeated fields, fragments written out.")]
    TooManyAliases { limit: usize },
    /// More than [`DocumentLimits::max_root_fields`].
    #[error("The operation asks for more than {limit} root fields, fragments written out.")]
    TooManyRootFields { limit: usize },
    /// More than [`DocumentLimits::max_directives`].
    #[error("The document uses more than {limit} directives.")]
    TooManyDirectives { limit: usize },
    /// The same directive twice in one place.
    #[error("The directive \"@{name}\" stands twice in the same place; it may be used once there.")]
    RepeatedDirective { name: String, at: Pos },
    /// More than [`DocumentLimits::max_expanded_nodes`].
    #[error("The document is larger than {limit} nodes once its fragments are written out.")]
    TooLarge { limit: usize },
    /// More than [`DocumentLimits::max_expanded_nodes`], because of its variables.
    #[error(
        "The document is larger than {limit} nodes once its variables are written out, each as often as it is used."
    )]
    VariablesTooLarge { limit: usize },
    /// More values inside the variables, used or not, than [`DocumentLimits::max_expanded_nodes`].
    #[error("The variables hold more than {limit} values.")]
    TooManyVariableValues { limit: usize },
    /// Introspection that would multiply its answer.
    #[error(
        "The document asks for lists of fields, inputs, interfaces or possible types inside each other more than {limit} deep."
    )]
    TooManySchemaLists { limit: usize, at: Pos },
    /// A subscription with several root fields (GraphQL, section 5.2.3.1).
    #[error("A subscription has exactly one root field.")]
    SeveralRootFields { at: Pos },
    /// A subscription to a field that is no event stream.
    #[error("A subscription's root field is one of the schema's own, not \"{name}\".")]
    NoStream { name: String, at: Pos },
    /// A root field that may or may not be there.
    #[error("At the root of a subscription nothing can be skipped or included by a directive.")]
    ConditionalRoot { at: Pos },
    /// A fragment that contains itself.
    #[error("The fragment \"{name}\" spreads itself.")]
    FragmentCycle { name: String, at: Pos },
    /// Introspection is off.
    #[error("Introspection is switched off on this server (DESKBELL_INTROSPECTION).")]
    Introspection { at: Pos },
    /// A text that only the server may make.
    #[error("A text that begins with \"#__graphql_file__:\" is reserved; send a file as multipart/form-data.")]
    ReservedText { at: Option<Pos> },
    /// A variable that cannot be null was not sent. The library would find out only while running.
    #[error("The variable \"${name}\" of type \"{kind}\" is missing.")]
    MissingVariable { name: String, kind: String, at: Pos },
    /// Several operations and none was named, or none has the name.
    #[error("{0}")]
    NoSuchOperation(String),
}

impl DocumentRefused {
    /// The refusal as a GraphQL error, with the place in the document when there is one.
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
            | Self::Introspection { at } => Some(*at),
            _ => None,
        };
        let mut error = ServerError::new(self.to_string(), at);
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", Code::BadUserInput.as_str());
        error
    }

    /// Whether the document is refused for its cost, and not because it is wrong.
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

/// What a document that is let through will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub kind: OperationType,
    /// What a subscription is to.
    pub subscribes_to: Option<SubscribesTo>,
}

/// The root field of a subscription, with the values of its arguments. Those that have none are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribesTo {
    pub field: Name,
    pub arguments: Vec<(Name, Value)>,
}

/// Judges the document of a request, which keeps the parsed form and the variables that its operation declares, and tells what will run.
pub fn judge(request: &mut Request, limits: &DocumentLimits, introspection: bool) -> Result<Verdict, DocumentRefused> {
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
    let judged = measure::check(document, &variables, limits, introspection).and_then(|()| {
        let operation = chosen(&document.operations, name.as_deref())?;
        // What the operation does not declare it cannot use: it would only be kept.
        variables
            .retain(|name, _| operation.variable_definitions.iter().any(|declared| declared.node.name.node == *name));
        require(operation, &variables)?;
        pages::null_open_sizes(document, operation, &mut variables);
        let subscribes_to = match operation.ty {
            OperationType::Subscription => subscription::field(document, operation, &variables)?,
            OperationType::Query | OperationType::Mutation => None,
        };
        let rewritten = subscription::flatten(document)?;
        Ok((Verdict { kind: operation.ty, subscribes_to }, rewritten))
    });
    let judged = judged.map(|(verdict, rewritten)| {
        if let Some(document) = rewritten {
            request.set_parsed_query(document);
        }
        verdict
    });
    request.operation_name = name;
    request.variables = variables;
    judged
}

/// What a byte of a document takes in memory, as text and parsed.
const PARSED_BYTES: usize = 16;
/// What one value takes, its place in a list or an object included.
const VALUE_BYTES: usize = 128;

/// About how much a request takes in memory: its document, and its variables.
#[must_use]
pub fn request_bytes(request: &Request) -> usize {
    let variables = request.variables.iter().map(|(name, value)| {
        let (values, text) = measure::extent(value);
        name.len().saturating_add(text).saturating_add(values.saturating_mul(VALUE_BYTES))
    });
    variables.fold(request.query.len().saturating_mul(PARSED_BYTES), usize::saturating_add)
}

/// Refuses an operation whose variables are not all there.
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

/// Refuses variables that pose as uploaded files. Called before the multipart reader puts real ones in.
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
                    "The document has several operations: say which one with \"operationName\".".to_owned(),
                )),
            }
        }
    }
}

/// The parser draws the place with lines and arrows; a message keeps only what was expected there.
fn syntax(error: &ServerError) -> DocumentRefused {
    let message = error
        .message
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .map_or("this is no GraphQL document", |line| line.trim_start_matches("= "))
        .trim_end_matches('.')
        .to_owned();
    DocumentRefused::Syntax { message, at: error.locations.first().copied() }
}
