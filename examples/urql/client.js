// urql with Graphcache for Deskbell. In a browser, leave out `token` and `webSocketImpl`: the
// session is a cookie there.
import { readFileSync } from 'node:fs';
import { createClient, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createClient as createSocket } from 'graphql-ws';

// With a bundler: import schema from './schema.json';
const schema = JSON.parse(readFileSync(new URL('schema.json', import.meta.url), 'utf8'));

/** The session has ended or is not allowed. Sign in again instead of reconnecting. */
const FORBIDDEN = 4403;

/** Make one client for each session, so that nothing of an earlier session stays in the cache. */
export function connect({ url, token, webSocketImpl, onSessionEnd = () => {} }) {
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  const socket = createSocket({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl,
    connectionParams: authorization,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: ({ code }) => code !== undefined && code !== FORBIDDEN,
    on: { closed: ({ code }) => code === FORBIDDEN && onSessionEnd() },
  });
  const client = createClient({
    url,
    preferGetMethod: false,
    fetchOptions: {
      // Sends the cookie also from another origin of the same site.
      credentials: 'include',
      // The server rejects uploads without this header.
      headers: { 'graphql-require-preflight': '1', ...authorization },
    },
    exchanges: [
      cache(),
      mapExchange({
        onResult(result) {
          const codes = result.error?.graphQLErrors.map(({ extensions }) => extensions.code) ?? [];
          if (codes.includes('UNAUTHENTICATED')) {
            onSessionEnd();
          }
          // A field with an error sets its parent to null, and the cache would store that null.
          return codes.length > 0 && result.operation.kind === 'query' ? { ...result, data: undefined } : result;
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  return { client, close: () => socket.dispose() };
}

function cache() {
  return cacheExchange({
    // Also says which types implement `UserError` and `Node`.
    schema,
    // Types without an id. `null`: a part of its parent.
    keys: {
      Plan: ({ code }) => code,
      SeatUsage: () => null,
      Server: () => null,
      LostEmail: () => null,
      InvitationProblem: () => null,
      MailedLink: () => null,
      // Another photo is another object, so that no size of the previous one remains.
      Photo: ({ url }) => /([^/]+)-\d+\.jpg$/.exec(String(url))?.[1] ?? null,
    },
    resolvers: { Account: { operators: relayPagination() } },
    // Shown until the server responds. A refusal undoes it.
    optimistic: {
      activateOperator: ({ input }) => switched('ActivateOperatorPayload', input, true),
      deactivateOperator: ({ input }) => switched('DeactivateOperatorPayload', input, false),
    },
  });
}

function switched(payload, { operatorId }, isActive) {
  return { __typename: payload, operator: { __typename: 'Operator', id: operatorId, isActive }, userErrors: [] };
}
