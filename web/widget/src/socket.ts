// A WebSocket with graphql-transport-ws: each key is a subscription on it.
//
// Scripts cannot see the server's ping frames, so this client sends its own pings. Each ping is
// timed from the previous message, not from another timer: in hidden tabs, browsers slow chains of
// timers down to one a minute, but not timers that start after a message. So a hidden tab detects a
// dead connection as soon as any other.

import { parse, quoted, record, request } from './availability';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { noop, type World } from './world';

/** Time without a message until a ping, plus up to a quarter. */
export const PING_AFTER_MS = 20_000;
export const PING_SPREAD = 0.25;
/**
 * Time without a message after a ping until the socket is closed: before the state becomes stale.
 */
export const PONG_WITHIN_MS = 10_000;
/** The same for a connection that may be dead: the network or the page was suspended. */
export const PROBE_WITHIN_MS = 5_000;

export function socketWire(world: World, url: string, reports: Reports): Wire {
  /**
   * Keys by the id of their subscription. Ids are not reused, so a late message cannot be mistaken
   * for a new one.
   */
  const keys = new Table<string, string>();
  let serial = 0;
  let isAcknowledged = false;
  let isProbed = false;
  let isClosed = false;
  let stopTimer = noop;

  const socket = world.socket(url);
  socket.onopen = () => say('connection_init');
  socket.onmessage = ({ data }) => receive(data);
  socket.onclose = ({ code }) => end(code);
  // A connection that the page's policy forbids has an error, and no close event.
  socket.onerror = () => end();

  /** `more` is the rest of the message, as JSON. */
  function say(type: string, more = ''): void {
    socket.send(`{"type":${quoted(type)}${more}}`);
  }

  function sendSubscribe(key: string, id: string): void {
    say('subscribe', `,"id":${quoted(id)},"payload":${request(key)}`);
  }

  function receive(text: unknown): void {
    take(record(parse(text)));
    if (!isClosed && isAcknowledged) {
      rest();
      reports.alive(null);
    }
  }

  function take({ type, id, payload }: Record<string, unknown>): void {
    const key = keys.get(String(id));
    if (type === 'connection_ack') {
      isAcknowledged = true;
      for (const [its, key] of keys.rows) {
        sendSubscribe(key, its);
      }
    } else if (type === 'ping') {
      say('pong');
    } else if (typeof type !== 'string') {
      // The peer is not a Deskbell server.
      end();
    } else if (!key) {
      // A pong, or a late message for a key without subscribers.
    } else if (type === 'next') {
      reports.result(key, payload);
    } else if (type === 'error') {
      keys.delete(String(id));
      reports.result(key, { errors: payload });
    } else if (type === 'complete') {
      // The subscription does not complete by itself: the server is shutting down.
      end();
    }
  }

  function rest(): void {
    stopTimer();
    isProbed = false;
    stopTimer = world.later(PING_AFTER_MS * (1 + PING_SPREAD * world.random()), () => ask(PONG_WITHIN_MS));
  }

  function ask(withinMs: number): void {
    stopTimer();
    say('ping');
    stopTimer = world.later(withinMs, () => end());
  }

  function close(): void {
    isClosed = true;
    stopTimer();
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  function end(code = 0): void {
    if (!isClosed) {
      close();
      reports.ended(code);
    }
  }

  return {
    subscribe(key) {
      const id = String(++serial);
      keys.set(id, key);
      if (isAcknowledged) {
        sendSubscribe(key, id);
      }
    },
    unsubscribe(key) {
      for (const [id, other] of keys.rows) {
        if (other === key) {
          keys.delete(id);
          if (isAcknowledged) {
            say('complete', `,"id":${quoted(id)}`);
          }
        }
      }
    },
    probe() {
      // One probe at a time: further probes would extend the deadline again and again.
      if (isAcknowledged && !isProbed) {
        isProbed = true;
        ask(PROBE_WITHIN_MS);
      }
    },
    close,
  };
}
