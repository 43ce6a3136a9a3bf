// The API for a page's own scripts: `window.deskbell`, and events on `window`. It is supported
// permanently: names and shapes do not change, and the API only grows.

import type { Availability } from './availability';
import type { Feed } from './feed';
import { Table } from './table';
import type { Cancel, World } from './world';

export type AvailabilityListener = (availability: Availability | null) => void;

/** One widget key, for scripts of the page. */
export interface Desk {
  /** The current state; null while it is unknown. */
  readonly availability: Availability | null;
  /**
   * Calls `listener` with each change of the availability, and at once if the state is known.
   * Returns a function that removes the listener. The connection stays open while there is a
   * listener.
   */
  on(event: 'availability', listener: AvailabilityListener): Cancel;
}

export interface Deskbell extends Desk {
  /** The desk of another key. */
  for(key: string): Desk;
}

export interface PageApi {
  readonly deskbell: Deskbell;
  /** Registers a key that is in the page. `deskbell` itself refers to the first one. */
  introduce(key: string, server: string | null): void;
}

export function pageApi(world: World, feedOf: (server: string | null) => Feed): PageApi {
  let main: Desk | null = null;
  /** Listeners that were added before the page has a key. */
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

  /** An exception in one listener does not affect the others. */
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

/** Throws at once for an unknown event. Otherwise a page would wait for it forever. */
function expect(event: string, listener: unknown): void {
  if (event !== 'availability') {
    throw new TypeError(`deskbell.on: there is no event "${event}"`);
  }
  if (typeof listener !== 'function') {
    throw new TypeError('deskbell.on: the listener is not a function');
  }
}
