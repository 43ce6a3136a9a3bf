// A Relay environment for Deskbell. In a browser, leave out `token` and `webSocketImpl`: the
// session is a cookie there.
import { createClient } from 'graphql-ws';
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';

/** The session has ended or is not allowed. Sign in again instead of reconnecting. */
const FORBIDDEN = 4403;

/** Make one environment for each session: nothing of an earlier session stays in the store. */
export function connect({ url, token, webSocketImpl, onSessionEnd = () => {} }) {
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  const socket = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl,
    connectionParams: authorization,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: ({ code }) => code !== undefined && code !== FORBIDDEN,
    on: { closed: ({ code }) => code === FORBIDDEN && onSessionEnd() },
  });

  async function request({ text: query }, variables, _cacheConfig, uploadables) {
    const response = await fetch(url, {
      method: 'POST',
      // Sends the cookie also from another origin of the same site.
      credentials: 'include',
      headers: { accept: 'application/graphql-response+json', ...authorization, ...headersOf(uploadables) },
      body: bodyOf({ query, variables }, uploadables),
    });
    const { data, errors } = await response.json();
    // Relay shows a component only the message of the first error, so the code is kept here.
    if (errors?.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED')) {
      onSessionEnd();
    }
    if (errors) {
      throw Object.assign(new Error(errors[0].message), errors[0].extensions);
    }
    return { data };
  }

  function subscribe({ text: query }, variables) {
    return Observable.create((sink) => socket.subscribe({ query, variables }, sink));
  }

  const environment = new Environment({
    network: Network.create(request, subscribe),
    store: new Store(new RecordSource()),
  });
  return { environment, close: () => socket.dispose() };
}

/** The server rejects a multipart request without this header. */
function headersOf(uploadables) {
  return uploadables ? { 'graphql-require-preflight': '1' } : { 'content-type': 'application/json' };
}

/** Sends files as `variables.input.NAME` (GraphQL multipart request specification). */
function bodyOf({ query, variables }, uploadables) {
  if (!uploadables) {
    return JSON.stringify({ query, variables });
  }
  const form = new FormData();
  const files = Object.entries(uploadables);
  const input = { ...variables.input, ...Object.fromEntries(files.map(([name]) => [name, null])) };
  form.append('operations', JSON.stringify({ query, variables: { ...variables, input } }));
  form.append('map', JSON.stringify(Object.fromEntries(files.map(([name]) => [name, [`variables.input.${name}`]]))));
  for (const [name, file] of files) {
    form.append(name, file);
  }
  return form;
}
