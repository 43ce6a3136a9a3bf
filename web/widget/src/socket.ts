// One WebSocket that speaks graphql-transport-ws: every key is a subscription on it.
//
// A script cannot see the server's pings, so this one asks by itself. Each question is timed from the message before
// it, not from another timer: browsers slow chains of timers in hidden tabs down to one a minute, and leave those alone
// that begin with a message. So a tab in the background notices a dead connection as soon as any other.

import { parse, quoted, record, request } from './availability';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { nothing, type World } from './world';

/** So long after the last message, or up to a quarter longer, the server is asked for a sign of life. */
export const PING_AFTER_MS = 20_000;
export const PING_SPREAD = 0.25;
/** Without any message for so long after that, the socket is given up: before the state is too old to be shown. */
export const PONG_WITHIN_MS = 10_000;
/** The same when there is reason for doubt: the network was away, or the page. */
export const PROBE_WITHIN_MS = 5_000;

export function socketWire(world: World, url: string, reports: Reports): Wire {
  /** Keys by the id of their subscription. No id is used twice, so that nothing late is taken for something new. */
  const keys = new Table<string, string>();
  let serial = 0;
  let isAcknowledged = false;
  let isProbed = false;
  let isClosed = false;
  let stopTimer = nothing;

  const socket = world.socket(url);
  socket.onopen = () => say('connection_init');
  socket.onmessage = ({ data }) => receive(data);
  socket.onclose = ({ code }) => end(code);
  // A connection that the page's policy forbids has an error and no close.
  socket.onerror = () => end();

  /** `more` is the rest of the message, in JSON. */
  function say(type: string, more = ''): void {
    socket.send(`{"type":${quoted(type)}${more}}`);
  }

  function subscribe(key: string, id: string): void {
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
      for (const [its, followed] of keys.rows) {
        subscribe(followed, its);
      }
    } else if (type === 'ping') {
      say('pong');
    } else if (typeof type !== 'string') {
      // Whatever speaks there, it is not the server.
      end();
    } else if (!key) {
      // A pong, or the last word about a key that nobody follows any more.
    } else if (type === 'next') {
      reports.result(key, payload);
    } else if (type === 'error') {
      keys.delete(String(id));
      reports.result(key, { errors: payload });
    } else if (type === 'complete') {
      // States have no end of their own: the server is about to stop.
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
    follow(key) {
      const id = String(++serial);
      keys.set(id, key);
      if (isAcknowledged) {
        subscribe(key, id);
      }
    },
    unfollow(key) {
      for (const [id, followed] of keys.rows) {
        if (followed === key) {
          keys.delete(id);
          if (isAcknowledged) {
            say('complete', `,"id":${quoted(id)}`);
          }
        }
      }
    },
    probe() {
      // One question at a time, or a page that is looked at again and again would never hear that there is no answer.
      if (isAcknowledged && !isProbed) {
        isProbed = true;
        ask(PROBE_WITHIN_MS);
      }
    },
    close,
  };
}
