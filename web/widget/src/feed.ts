// The availability of all keys on one server: a state for each subscribed key, over one shared
// connection.

import type { Availability } from './availability';
import { Connection } from './connection';
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
  listeners: Table<Listener, true>;
}

/** `server` ends in a slash. */
export function feed(world: World, server: string, announce: Announcements): Feed {
  const watched = new Table<string, Watched>();
  const url = new URL('graphql', server).href;
  const link = new Connection(world, server, {
    socket: (reports) => socketWire(world, url.replace(/^http/, 'ws'), reports),
    streams: (reports) => streamsWire(world, url, reports),
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
    const begun = { state: keyState(world, show, () => link.probe()), listeners };
    watched.set(key, begun);
    link.subscribe(key, begun.state);
    return begun;
  }

  function leave(key: string): void {
    const left = watched.get(key);
    // Keeps an unknown key, so that it is requested only once, with one warning.
    if (left && left.listeners.size === 0 && left.state.known.isFound) {
      watched.delete(key);
      left.state.close();
      link.unsubscribe(key);
    }
  }

  function check(): void {
    for (const [, each] of watched.rows) {
      each.state.check();
    }
  }

  return {
    watch(key, listener) {
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
