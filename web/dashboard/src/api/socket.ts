// The WebSocket of a session, for all subscriptions. If WebSockets are blocked, streams.ts takes
// over.
import { type Client, createClient } from 'graphql-ws';

/**
 * The server's close code for a session that has ended or never existed. A retry would not help.
 */
const FORBIDDEN = 4403;
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 5_000;
const LONGEST_PAUSE_MS = 15_000;
/**
 * An attempt without a response is overdue after this time. It continues: browsers give up minutes
 * later.
 */
const CONNECTED_WITHIN_MS = 8_000;

export interface SocketEvents {
  /** The session has ended. No further results follow. */
  onEnded(): void;
  /** Whether the WebSocket is connected at the moment. */
  onLive(live: boolean): void;
  /** An attempt has failed. */
  onFailed(): void;
  /** An attempt is overdue. */
  onOverdue(): void;
  /** Waits after this number of failed attempts in a row. */
  pause(retries: number): Promise<void>;
}

export function openSocket(events: SocketEvents): Client {
  let overdue: ReturnType<typeof setTimeout> | undefined;
  let attempt: ReturnType<typeof setTimeout> | undefined;
  let isConnected = false;
  const client = createClient({
    url: new URL('/graphql', location.href).href.replace(/^http/, 'ws'),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (reason) => !isForbidden(reason),
    retryWait: events.pause,
    keepAlive: PING_EVERY_MS,
    connectionAckWaitTimeout: 10_000,
    on: {
      connecting: () => {
        attempt = setTimeout(events.onOverdue, CONNECTED_WITHIN_MS);
      },
      connected: () => {
        clearTimeout(attempt);
        isConnected = true;
        events.onLive(true);
      },
      ping: (received) => {
        if (!received) {
          // Browsers do not report a dead peer.
          overdue = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
        }
      },
      pong: (received) => {
        if (received) {
          clearTimeout(overdue);
        }
      },
      closed: (reason) => {
        clearTimeout(overdue);
        clearTimeout(attempt);
        events.onLive(false);
        if (!isConnected) {
          events.onFailed();
        }
        isConnected = false;
        if (isForbidden(reason)) {
          events.onEnded();
        }
      },
    },
  });
  return client;
}

/** Grows, and is random, so that not all clients reconnect to a restarted server at once. */
export function pause(retries: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** Math.min(retries, 10));
  return longest * (0.5 + Math.random() / 2);
}

/**
 * Waits until the time is over, the network is back, the page becomes visible, or the signal is
 * aborted.
 */
export function rest(ms: number, cut?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const { signal } = over;
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end, { signal });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && end(), { signal });
    cut?.addEventListener('abort', end, { signal });
  });
}

export function isForbidden(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'code' in reason && reason.code === FORBIDDEN;
}
