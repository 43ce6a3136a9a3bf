// Apollo Client for Deskbell. In a browser, leave out `token` and `webSocketImpl`: the session is a
// cookie there.
import { readFileSync } from 'node:fs';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, InMemoryCache } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';

// With a bundler: import possibleTypes from './possibleTypes.json';
const possibleTypes = JSON.parse(readFileSync(new URL('possibleTypes.json', import.meta.url), 'utf8'));

/** The session has ended or is not allowed. Sign in again instead of reconnecting. */
const FORBIDDEN = 4403;

/** Make one client for each session, so that nothing of an earlier session stays in the cache. */
export function connect({ url, token, webSocketImpl, onSessionEnd = () => {} }) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};

  const http = new UploadHttpLink({
    uri: url,
    // Sends the cookie also from another origin of the same site.
    credentials: 'include',
    // The server rejects uploads without this header.
    headers: { 'graphql-require-preflight': '1', ...headers },
  });
  const socket = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl,
    connectionParams: headers,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: ({ code }) => code !== undefined && code !== FORBIDDEN,
    on: { closed: ({ code }) => code === FORBIDDEN && onSessionEnd() },
  });
  const errors = new ErrorLink(({ error }) => {
    for (const { message, extensions } of CombinedGraphQLErrors.is(error) ? error.errors : []) {
      if (extensions.code === 'UNAUTHENTICATED') {
        onSessionEnd();
      } else if (extensions.code === 'INTERNAL_SERVER_ERROR') {
        console.error(`${message} Request id: ${extensions.requestId}`);
      }
    }
  });

  const client = new ApolloClient({
    cache: new InMemoryCache({
      possibleTypes,
      typePolicies: {
        Account: { fields: { operators: relayStylePagination(['isActive', 'search']) } },
        // Types without an id. The fields of `merge: true` come from several selections.
        Plan: { keyFields: ['code'] },
        SeatUsage: { merge: true },
        // Another photo replaces all sizes of the previous one.
        Photo: { merge: false },
      },
    }),
    link: errors.concat(ApolloLink.split(isSubscription, new GraphQLWsLink(socket), http)),
  });
  return { client, close: () => socket.dispose() };
}

const isSubscription = ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION;
