// What a page's own scripts may use: `window.deskbell`, and events on `window`. Supported for good: names and shapes
// stay, and grow only.

import type { Availability } from './availability';
import type { Feed } from './feed';
import { Table } from './table';
import type { Cancel, World } from './world';

export type AvailabilityListener = (availability: Availability | null) => void;

/** One widget key, as a page sees it. */
export interface Desk {
  /** The state of now; null while it is not known. */
  readonly availability: Availability | null;
  /**
   * Calls `listener` with every change of the availability, and at once if it is known. What this returns stops that;
   * while anybody listens, the connection is kept.
   */
  on(event: 'availability', listener: AvailabilityListener): Cancel;
}

export interface Deskbell extends Desk {
  /** Another key's desk. */
  for(key: string): Desk;
}

export interface PageApi {
  readonly deskbell: Deskbell;
  /** Names a key that the page shows. The first is the one that `deskbell` itself speaks of. */
  introduce(key: string, server: string | null): void;
}

export function pageApi(world: World, feedOf: (server: string | null) => Feed): PageApi {
  let main: Desk | null = null;
  /** Who listens before the page has a key. */
  const early = new Table<() => void, true>();

  function desk(key: string, server: string | null): Desk {
    const feed = feedOf(server);
    return Object.freeze({
      get availability() {
        return feed.known(key)?.availability ?? null;
      },
      on(event: string, listener: AvailabilityListener) {
        expect(event, listener);
        let last: Availability | null = null;
        return feed.watch(key, ({ availability }) => {
          if (availability !== last) {
            last = availability;
            call(listener, availability);
          }
        });
      },
    });
  }

  /** A fault of one listener is nobody else's. */
  function call(listener: AvailabilityListener, availability: Availability | null): void {
    try {
      listener(availability);
    } catch (error) {
      world.report(error);
    }
  }

  return {
    deskbell: Object.freeze({
      get availability() {
        return main?.availability ?? null;
      },
      on(event: 'availability', listener: AvailabilityListener) {
        if (main) {
          return main.on(event, listener);
        }
        expect(event, listener);
        const begin = (): void => {
          stop = main?.on(event, listener) ?? stop;
        };
        let stop: Cancel = () => early.delete(begin);
        early.set(begin, true);
        return () => stop();
      },
      for: (key: string) => desk(String(key), null),
    }),
    introduce(key, server) {
      if (!main) {
        main = desk(key, server);
        for (const [begin] of early.rows) {
          early.delete(begin);
          begin();
        }
      }
    },
  };
}

/** Told at once, or a page would wait for ever for an event that does not exist. */
function expect(event: string, listener: unknown): void {
  if (event !== 'availability') {
    throw new TypeError(`deskbell.on: there is no event "${event}"`);
  }
  if (typeof listener !== 'function') {
    throw new TypeError('deskbell.on: the listener is not a function');
  }
}
