// The WebSocket of a session, for all subscriptions. If WebSockets are blocked, streams.ts takes
// over.
//
// Pings are timed as in the widget. The library's `keepAlive` times them from the last pong, and
// sends one even while other messages arrive.
import { type Client, createClient } from 'graphql-ws';
import { heartbeat, PING } from '../../../widget/src/heartbeat';

/**
 * The server's close code for a session that has ended or never existed. A retry would not help.
 */
const FORBIDDEN = 4403;
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
  let socket: WebSocket | undefined;
  let attempt: ReturnType<typeof setTimeout> | undefined;
  let isConnected = false;
  let watching = new AbortController();
  // Browsers do not report a dead peer.
  const beat = heartbeat(
    { later, random: Math.random },
    () => socket?.send(PING),
    () => client.terminate(),
  );
  const client = createClient({
    url: new URL('/graphql', location.href).href.replace(/^http/, 'ws'),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (reason) => !isForbidden(reason),
    retryWait: events.pause,
    connectionAckWaitTimeout: 10_000,
    on: {
      connecting: () => {
        attempt = setTimeout(events.onOverdue, CONNECTED_WITHIN_MS);
      },
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      message: beat.heard,
      connected: () => {
        clearTimeout(attempt);
        isConnected = true;
        watching = new AbortController();
        onWake(beat.probe, watching.signal);
        events.onLive(true);
      },
      closed: (reason) => {
        beat.stop();
        watching.abort();
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
    onWake(end, signal);
    cut?.addEventListener('abort', end, { signal });
  });
}

/** Calls `act` when the network is back or the page becomes visible. */
function onWake(act: () => void, signal: AbortSignal) {
  addEventListener('online', act, { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && act(), { signal });
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

export function isForbidden(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'code' in reason && reason.code === FORBIDDEN;
}
