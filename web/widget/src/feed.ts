// All keys on one server: the availability and the chat of each, over one shared connection.

import { type Availability, read, request } from './availability';
import { chatDesk, type Desk, type LoadChat } from './chatDesk';
import { connection } from './connection';
import type { Subscriber } from './contract';
import { type KeyState, type Known, keyState } from './keyState';
import { socketWire } from './socket';
import { streamsWire } from './streams';
import { Table } from './table';
import type { Cancel, World } from './world';

/**
 * A key stays subscribed for this time after its last listener: an element that is moved leaves the
 * page and returns.
 */
export const LINGER_MS = 1_000;

export type Listener = (known: Known) => void;

export interface Feed {
  /** Calls `listener` with each change until it is cancelled, and at once if the state is known. */
  watch(key: string, listener: Listener): Cancel;
  /** The state of a key; undefined without a listener. */
  known(key: string): Known | undefined;
  /** The chat of a key. */
  desk(key: string): Desk;
  /** Another page of the site has begun or deleted the visitor's chat. */
  identify(token: string | null): void;
  /** The page is visible again, or the network is back. */
  wake(): void;
  /** The page enters the back/forward cache. */
  suspend(): void;
  resume(): void;
}

/** Notifications for the page, independent of listeners. */
export interface Announcements {
  changed(key: string, availability: Availability | null): void;
  /** Once per key. */
  notFound(key: string): void;
}

interface Watched {
  state: KeyState;
  subscriber: Subscriber;
  listeners: Table<Listener, true>;
}

/** `server` ends in a slash. `token`: of the visitor. */
export function feed(
  world: World,
  server: string,
  token: string | null,
  load: LoadChat,
  announce: Announcements,
): Feed {
  const desks = new Table<string, Desk>();
  const watched = new Table<string, Watched>();
  const url = new URL('graphql', server).href;
  const link = connection(world, token, {
    socket: (its, reports) => socketWire(world, url.replace(/^http/, 'ws'), its, reports),
    streams: (its, reports) => streamsWire(world, url, its, reports),
  });

  function begin(key: string): Watched {
    const listeners = new Table<Listener, true>();
    let availability: Availability | null = null;
    const show = (known: Known): void => {
      // A listener can be removed by another listener, and is then not called.
      for (const [listener] of listeners.rows) {
        if (listeners.get(listener)) {
          listener(known);
        }
      }
      if (known.availability !== availability) {
        availability = known.availability;
        announce.changed(key, availability);
      }
      if (!known.isFound) {
        announce.notFound(key);
      }
    };
    const state = keyState(world, show, () => link.probe());
    const subscriber: Subscriber = {
      request: () => request(key),
      take(result, isFirst) {
        const reading = read(result, server);
        if (reading === 'failed') {
          return 'failed';
        }
        if (reading === 'not found') {
          state.notFound();
          return 'over';
        }
        state.state(reading, isFirst);
        return 'current';
      },
      alive: state.alive,
    };
    const begun = { state, subscriber, listeners };
    watched.set(key, begun);
    link.subscribe(subscriber);
    return begun;
  }

  function leave(key: string): void {
    const left = watched.get(key);
    // Keeps an unknown key, so that it is requested only once, with one warning.
    if (left && left.listeners.rows.length === 0 && left.state.known.isFound) {
      watched.delete(key);
      left.state.close();
      link.unsubscribe(left.subscriber);
    }
  }

  function check(): void {
    for (const [, each] of watched.rows) {
      each.state.check();
    }
  }

  function watch(key: string, listener: Listener): Cancel {
    const { state, listeners } = watched.get(key) ?? begin(key);
    listeners.set(listener, true);
    if (state.known.wasKnown || !state.known.isFound) {
      listener(state.known);
    }
    return () => {
      if (listeners.delete(listener)) {
        world.later(LINGER_MS, () => leave(key));
      }
    };
  }

  return {
    watch,
    desk(key) {
      let desk = desks.get(key);
      if (!desk) {
        desk = chatDesk(world, link, load, key, server, watch);
        desks.set(key, desk);
      }
      return desk;
    },
    identify(its) {
      link.identify(its);
      for (const [, desk] of desks.rows) {
        desk.look();
      }
    },
    known: (key) => watched.get(key)?.state.known,
    wake() {
      check();
      link.wake();
    },
    suspend: () => link.suspend(),
    resume() {
      check();
      link.resume();
    },
  };
}
