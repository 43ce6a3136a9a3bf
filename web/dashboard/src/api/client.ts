// How the dashboard talks to the server: queries and mutations by HTTP, what changes by WebSocket or event streams.
import { type Client, createClient, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { cache } from './cache';
import { inOrder } from './inOrder';
import { type LiveEvents, openLive } from './live';
import { endsSession } from './sessionEnd';

export interface Connection {
  client: Client;
  /** Ends what is live; the client is of no use afterwards. */
  close(): void;
}

/** A client of one session: who signs in or out gets another, so that nothing is kept from one to the next. */
export function connect(events: LiveEvents): Connection {
  const live = openLive(events);
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
      ...inOrder(cache()),
      // Only what the server says at this moment: what the cache says was so when it was asked.
      mapExchange({
        onResult(result) {
          if (endsSession(result)) {
            events.onEnded();
          }
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: live.follow({ ...request, query: request.query ?? '' }, sink) }),
        }),
      }),
    ],
  });
  return { client, close: live.close };
}
