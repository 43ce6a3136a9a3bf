// A WebSocket with graphql-transport-ws: each key is a subscription on it.

import { parse, quoted, record, request } from './availability';
import { heartbeat, PING } from './heartbeat';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import type { World } from './world';

export function socketWire(world: World, url: string, reports: Reports): Wire {
  /**
   * Keys by the id of their subscription. Ids are not reused, so a late message cannot be mistaken
   * for a new one.
   */
  const keys = new Table<string, string>();
  let serial = 0;
  let isAcknowledged = false;
  let isClosed = false;

  const socket = world.socket(url);
  const beat = heartbeat(
    world,
    () => socket.send(PING),
    () => end(),
  );
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
      beat.heard();
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

  function close(): void {
    isClosed = true;
    beat.stop();
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
      if (isAcknowledged) {
        beat.probe();
      }
    },
    close,
  };
}
