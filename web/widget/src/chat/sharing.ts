// Event streams, where a network breaks WebSockets: one page of a site holds them. Over HTTP/1.1 a
// browser opens at most six connections to a server, for all pages together, so the streams of
// three pages would leave none for sending.
//
// The page that holds a lock keeps its streams open. Others open theirs one moment at a time: they
// read what is new, and close them until the next time.

import type { Link, Subscriber } from '../contract';
import { Table } from '../table';
import type { Reports, Wire } from '../wire';
import type { Cancel } from '../world';
import type { ChatWorld } from './world';

/** How often a page that does not hold the streams reads what is new. */
export const LOOK_EVERY_MS = 5_000;

const shared = new Table<Link, () => void>();

/**
 * Shares the streams of a connection. Returns a function to call when the connection uses streams:
 * those that were open before are opened again.
 */
export function shareStreams(world: ChatWorld, link: Link, server: string): () => void {
  const known = shared.get(link);
  if (known) {
    return known;
  }
  let isShared = false;
  const { dial } = link;
  const { streams } = dial;
  dial.streams = (token, reports) => {
    isShared = true;
    return sharedWire(world, `deskbell ${server} streams`, (own) => streams(token, own), reports);
  };
  const share = (): void => {
    if (!isShared) {
      isShared = true;
      world.later(0, () => {
        const { token } = link;
        link.identify(null);
        link.identify(token);
      });
    }
  };
  shared.set(link, share);
  return share;
}

function sharedWire(world: ChatWorld, name: string, open: (reports: Reports) => Wire, reports: Reports): Wire {
  /** Those that are not open now have the timer of their next look. */
  const subscribers = new Table<Subscriber, Cancel | null>();
  let isHolder = false;
  const wire = open({
    result(subscriber, result) {
      if (!isHolder && subscribers.get(subscriber) === null && result !== undefined) {
        wire.unsubscribe(subscriber);
        subscribers.set(
          subscriber,
          world.later(LOOK_EVERY_MS, () => look(subscriber)),
        );
      }
      reports.result(subscriber, result);
    },
    alive: reports.alive,
    ended: reports.ended,
  });
  const release = world.hold(name, () => {
    isHolder = true;
    for (const [subscriber, stopTimer] of subscribers.rows) {
      if (stopTimer) {
        stopTimer();
        look(subscriber);
      }
    }
  });

  function look(subscriber: Subscriber): void {
    subscribers.set(subscriber, null);
    wire.subscribe(subscriber);
  }

  return {
    subscribe: look,
    unsubscribe(subscriber) {
      subscribers.get(subscriber)?.();
      subscribers.delete(subscriber);
      wire.unsubscribe(subscriber);
    },
    probe: () => wire.probe(),
    close() {
      release();
      for (const [, stopTimer] of subscribers.rows) {
        stopTimer?.();
      }
      wire.close();
    },
  };
}
