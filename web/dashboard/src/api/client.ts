// How the dashboard talks to the server: queries and mutations by HTTP, what changes by WebSocket, and one normalised cache that
// both write, so that a change shows wherever it is seen.
import { cacheExchange, type KeyingConfig, type UpdatesConfig } from '@urql/exchange-graphcache';
import { type Client, createClient, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { optimistic } from './optimistic';
import { openSocket, type SocketEvents } from './socket';

/** What names a thing that has no id. `null`: it is a part of what it stands in. */
const KEYS: KeyingConfig = {
  Plan: (plan) => plan.code as string,
  SeatUsage: () => null,
  // Another photo is another thing: nothing of the one before is left in it, whichever sizes of it are asked for.
  Photo: (photo) => /([^/]+)-\d+\.jpg$/.exec(String(photo.url))?.[1] ?? null,
  PageInfo: () => null,
  OperatorConnection: () => null,
  OperatorEdge: () => null,
  Server: () => null,
};

export interface Connection {
  client: Client;
  /** Closes the socket; the client is of no use afterwards. */
  close(): void;
}

/**
 * The cache would take every operator that it knows for outdated when it meets one that it does not know yet. Lists are live, and
 * need no such guess.
 */
const UPDATES: UpdatesConfig = { Mutation: { addOperator: () => {} } };

/** A client of one session: who signs in or out gets another, so that nothing is kept from one to the next. */
export function connect(events: SocketEvents): Connection {
  const socket = openSocket(events);
  const client = createClient({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: {
      headers: {
        accept: 'application/graphql-response+json, application/json',
        // Uploads are refused without it (GraphQL multipart request specification, and our SECURITY.md).
        'graphql-require-preflight': '1',
      },
    },
    exchanges: [
      mapExchange({
        onResult(result) {
          if (result.error?.graphQLErrors.some((error) => error.extensions?.code === 'UNAUTHENTICATED')) {
            events.onEnded();
          }
        },
      }),
      cacheExchange({ keys: KEYS, updates: UPDATES, optimistic }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink) }),
        }),
      }),
    ],
  });
  return { client, close: () => void socket.dispose() };
}
