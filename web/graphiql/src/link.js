// A link can fill the editor, as in every GraphiQL:
//   /graphiql?query=…&variables={…}&operationName=…
// `variables` without `query` sets variables of the examples, such as a widget key. An operation
// runs only when the user starts it: a link from another person must not act for the signed-in
// operator.

/**
 * Reads the address: `query` and `operationName` as strings, `variables` as an object; null where
 * absent.
 */
export function readLink() {
  const asked = new URLSearchParams(location.search);
  const link = {
    query: asked.get('query'),
    variables: parseVariables(asked.get('variables')),
    operationName: asked.get('operationName'),
  };
  // Clear the address bar: a reload must show the edited operation, and variables may be private.
  if (location.search) {
    history.replaceState(history.state, '', location.pathname);
  }
  return link;
}

function parseVariables(text) {
  if (text === null || text.trim() === '') {
    return null;
  }
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return value;
    }
  } catch {
    // Reported below, together with JSON that is not an object.
  }
  console.warn('The `variables` in this link are not a JSON object. They are ignored.');
  return null;
}
