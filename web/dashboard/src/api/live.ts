// Live updates: over one WebSocket, or over event streams where a proxy blocks WebSockets and HTTP
// works.
//
// Streams start after two failed attempts in a row to open a WebSocket, or while an attempt is
// unanswered, and end with the first WebSocket that connects. While streams are live, a WebSocket
// that has never connected is tried every few minutes. A WebSocket that was lost is retried as
// often as without streams.
import type { Sink, SubscribePayload } from 'graphql-ws';
import { type Item, lasting } from './lasting';
import { openSocket, pause, rest } from './socket';
import { openStreams } from './streams';

/** Failed attempts in a row. */
const FAILURES = 2;
/** Plus or minus half. */
export const TRY_SOCKET_EVERY_MS = 300_000;

export interface LiveEvents {
  /** The session has ended. No further results follow. */
  onEnded(): void;
  /** Whether the page receives updates at the moment. */
  onLive(live: boolean): void;
}

export interface Live {
  /** Subscribes until the session ends. Returns a function that cancels the subscription. */
  subscribe(request: SubscribePayload, sink: Sink<Item>): () => void;
  /** Ends all subscriptions. */
  close(): void;
}

export function openLive(events: LiveEvents): Live {
  const by = { socket: false, streams: false };
  let failures = 0;
  let wasConnected = false;
  let isClosed = false;
  /** Ends a pause that was short because nothing was live when it began. */
  let short = new AbortController();

  function report() {
    events.onLive(by.socket || by.streams);
  }

  /** Whether streams replace a WebSocket that has never connected, so that it is tried rarely. */
  function isReplaced() {
    return by.streams && !wasConnected;
  }

  const streams = openStreams((live) => {
    by.streams = live;
    if (isReplaced()) {
      short.abort();
    }
    report();
  });

  /** The pause before an attempt to open a WebSocket. Becomes long when streams become live. */
  async function pauseSocket(retries: number) {
    if (!isReplaced()) {
      short = new AbortController();
      await rest(pause(retries), short.signal);
      if (!short.signal.aborted) {
        return;
      }
    }
    await rest(TRY_SOCKET_EVERY_MS * (0.5 + Math.random()));
  }

  function startStreams() {
    if (!isClosed) {
      streams.start();
    }
  }

  const socket = openSocket({
    onEnded: events.onEnded,
    onLive(live) {
      by.socket = live;
      if (live) {
        failures = 0;
        wasConnected = true;
        streams.stop();
      }
      report();
    },
    onFailed() {
      failures += 1;
      if (failures >= FAILURES) {
        startStreams();
      }
    },
    onOverdue: startStreams,
    pause: pauseSocket,
  });

  return {
    subscribe(request, sink) {
      const ends = [lasting(socket, request, sink), streams.subscribe(request, sink)];
      return () => {
        for (const end of ends) {
          end();
        }
      };
    },
    close() {
      isClosed = true;
      streams.stop();
      void socket.dispose();
    },
  };
}
