// A WebSocket with graphql-transport-ws.

import { parse, quoted, record } from './availability';
import type { Subscriber } from './contract';
import { heartbeat, PING } from './heartbeat';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import type { World } from './world';

/** `token`: of the visitor; null before the visitor has opened the chat. */
export function socketWire(world: World, url: string, token: string | null, reports: Reports): Wire {
  /**
   * By the id of their subscription. Ids are not reused, so a late message cannot be mistaken for a
   * new one.
   */
  const subscribers = new Table<string, Subscriber>();
  let serial = 0;
  let isAcknowledged = false;
  let isClosed = false;

  const socket = world.socket(url);
  const beat = heartbeat(
    world,
    () => socket.send(PING),
    () => end(),
  );
  socket.onopen = () =>
    say('connection_init', token ? `,"payload":{"authorization":${quoted(`Bearer ${token}`)}}` : '');
  socket.onmessage = ({ data }) => receive(data);
  socket.onclose = ({ code }) => end(code);
  // A connection that the page's policy forbids has an error, and no close event.
  socket.onerror = () => end();

  /** `more` is the rest of the message, as JSON. */
  function say(type: string, more = ''): void {
    socket.send(`{"type":${quoted(type)}${more}}`);
  }

  function sendSubscribe(subscriber: Subscriber, id: string): void {
    say('subscribe', `,"id":${quoted(id)},"payload":${subscriber.request('socket')}`);
  }

  function receive(text: unknown): void {
    take(record(parse(text)));
    if (!isClosed && isAcknowledged) {
      beat.heard();
      reports.alive(null);
    }
  }

  function take({ type, id, payload }: Record<string, unknown>): void {
    const subscriber = subscribers.get(id as string);
    if (type === 'connection_ack') {
      isAcknowledged = true;
      for (const [its, each] of subscribers.rows) {
        sendSubscribe(each, its);
      }
    } else if (type === 'ping') {
      say('pong');
    } else if (typeof type !== 'string') {
      // The peer is not a Deskbell server.
      end();
    } else if (!subscriber) {
      // A pong, or a late message for a subscription that has ended.
    } else if (type === 'next') {
      reports.result(subscriber, payload);
    } else if (type === 'error' || type === 'complete') {
      subscribers.delete(id as string);
      reports.result(subscriber, type === 'error' ? { errors: payload } : undefined);
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
    subscribe(subscriber) {
      const id = `${++serial}`;
      subscribers.set(id, subscriber);
      if (isAcknowledged) {
        sendSubscribe(subscriber, id);
      }
    },
    unsubscribe(subscriber) {
      for (const [id, other] of subscribers.rows) {
        if (other === subscriber) {
          subscribers.delete(id);
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
