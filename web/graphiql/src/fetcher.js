import { createClient } from 'graphql-ws';

const http = new URL('/graphql', location.href).href;
const socket = http.replace(/^http/, 'ws');

/** Called with `{ isMutation, headers }` after each operation over HTTP. */
const listeners = new Set();

export function onOperation(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Sends queries and mutations over HTTP, and subscriptions over graphql-transport-ws. Both use the
 * same path.
 */
export function fetcher({ query, variables, operationName }, { headers, documentAST } = {}) {
  const request = { query, variables, operationName: operationName ?? undefined };
  const kind = kindOf(documentAST, operationName);
  if (kind === 'subscription') {
    return subscribe(request, headers);
  }
  return post(request, headers).finally(() => {
    for (const listener of listeners) {
      listener({ isMutation: kind === 'mutation', headers });
    }
  });
}

/** The kind of the operation that runs: `query`, `mutation` or `subscription`. */
function kindOf(documentAST, operationName) {
  const operations = documentAST?.definitions.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const chosen = operationName
    ? operations.find(({ name }) => name?.value === operationName)
    : operations.length === 1 && operations[0];
  return chosen?.operation;
}

/** Sends a request over HTTP. */
export async function post(request, headers) {
  const response = await fetch(http, {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
    },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  if (/^application\/(graphql-response\+)?json\b/i.test(response.headers.get('content-type') ?? '')) {
    return JSON.parse(text);
  }
  // The page of a proxy, or an error before GraphQL: show that text instead of a JSON parse error.
  throw new Error(`HTTP ${response.status} ${response.statusText}: ${text.slice(0, 500)}`);
}

async function* subscribe(request, headers = {}) {
  // One socket per subscription: the server authenticates a socket when it opens, so a subscription
  // after a sign-in must not reuse an anonymous socket.
  const client = createClient({
    url: socket,
    connectionParams: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    // No retries: report at once why the socket closed, instead of after five attempts.
    retryAttempts: 0,
  });
  try {
    yield* client.iterate(request);
  } catch (problem) {
    throw problem instanceof CloseEvent ? new Error(closing(problem)) : problem;
  } finally {
    await client.dispose();
  }
}

function closing({ code, reason }) {
  return `The socket closed with ${code}${reason ? `: ${reason}` : ''}`;
}
