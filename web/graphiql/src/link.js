// A link may fill the editor, as with every GraphiQL:
//   /graphiql?query=…&variables={…}&operationName=…
// `variables` without `query` fills in the examples' variables (a widget key, say). Nothing ever runs by
// itself: a link from a stranger must not act for whoever is signed in.

/** What the address asks for: `query` and `operationName` as text, `variables` as an object; null where absent. */
export function readLink() {
  const asked = new URLSearchParams(location.search);
  const link = {
    query: asked.get('query'),
    variables: parseVariables(asked.get('variables')),
    operationName: asked.get('operationName'),
  };
  // Taken out of the address bar: a reload shows what was made of it since, and variables may be private.
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
    // Told below, together with JSON that is no object.
  }
  console.warn('This link has `variables` that are not a JSON object; they are left out.');
  return null;
}
