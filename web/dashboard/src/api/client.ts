// Connects the dashboard to the server: queries and mutations over HTTP, subscriptions over
// WebSocket or event streams.
import { type Client, createClient, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { cache } from './cache';
import { inOrder } from './inOrder';
import { type LiveEvents, openLive } from './live';
import { endsSession } from './sessionEnd';

export interface Connection {
  client: Client;
  /** Ends all subscriptions. The client cannot be used afterwards. */
  close(): void;
}

/**
 * Makes a client for one session. After each sign-in or sign-out a new client is made, so that no
 * data is carried over.
 */
export function connect(events: LiveEvents): Connection {
  const live = openLive(events);
  const client = createClient({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: {
      headers: {
        accept: 'application/graphql-response+json, application/json',
        // The server rejects uploads without this header (GraphQL multipart request specification,
        // and SECURITY.md).
        'graphql-require-preflight': '1',
      },
    },
    exchanges: [
      ...inOrder(cache()),
      // Looks at responses of the server only: a cached result may come from before the session
      // ended.
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
          subscribe: (sink) => ({ unsubscribe: live.subscribe({ ...request, query: request.query ?? '' }, sink) }),
        }),
      }),
    ],
  });
  return { client, close: live.close };
}
