// The API for a page's own scripts: `window.deskbell`, and events on `window`. It is supported
// permanently: names and shapes do not change, and the API only grows.

import type { Availability } from './availability';
import type { ChatState, VisitorDetails } from './contract';
import type { Feed } from './feed';
import { Table } from './table';
import type { Cancel, World } from './world';

export interface Events {
  availability: Availability | null;
  chat: ChatState | null;
}

/** One widget key, for scripts of the page. */
export interface Desk {
  /** The current state; null while it is unknown. */
  readonly availability: Availability | null;
  /**
   * Calls `listener` with each change of the availability or the chat, and at once if it is known.
   * Returns a function that removes the listener. The connection stays open while there is a
   * listener.
   */
  on<Event extends keyof Events>(event: Event, listener: (state: Events[Event]) => void): Cancel;
  /** Opens the panel. */
  open(): void;
  close(): void;
  /** What the page has said about the visitor. It is sent with the first message. */
  setVisitor(details: VisitorDetails): void;
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
  /** What was called before the page has a key. */
  const early = new Table<() => void, true>();

  function desk(key: string, server: string | null): Desk {
    const feed = feedOf(server);
    return Object.freeze({
      get availability() {
        return feed.known(key)?.availability ?? null;
      },
      on(event: string, listener: (state: never) => void) {
        expect(event, listener);
        let last: unknown = null;
        const tell = (state: unknown): void => {
          if (state !== last) {
            last = state;
            call(listener, state);
          }
        };
        return event === 'chat' ? feed.desk(key).watch(tell) : feed.watch(key, (known) => tell(known.availability));
      },
      open: () => feed.desk(key).setOpen(true),
      close: () => feed.desk(key).setOpen(false),
      setVisitor: (details: VisitorDetails) => feed.desk(key).setVisitor(details),
    });
  }

  /** An exception in one listener does not affect the others. */
  function call(listener: (state: never) => void, state: unknown): void {
    try {
      listener(state as never);
    } catch (error) {
      world.report(error);
    }
  }

  /** Now, or once the page has a key. Returns a function that cancels it. */
  function withMain(act: (its: Desk) => unknown): Cancel {
    let stop: unknown;
    const begin = (): void => {
      stop = act(main as Desk);
    };
    if (main) {
      begin();
    } else {
      early.set(begin, true);
    }
    return () => {
      early.delete(begin);
      (stop as Cancel | undefined)?.();
    };
  }

  return {
    deskbell: Object.freeze({
      get availability() {
        return main?.availability ?? null;
      },
      on(event: keyof Events, listener: (state: never) => void) {
        expect(event, listener);
        return withMain((its) => its.on(event, listener as (state: unknown) => void));
      },
      open: () => void withMain((its) => its.open()),
      close: () => void withMain((its) => its.close()),
      setVisitor: (details: VisitorDetails) => void withMain((its) => its.setVisitor(details)),
      for: (key: string) => desk(`${key}`, null),
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
  if ((event !== 'availability' && event !== 'chat') || typeof listener !== 'function') {
    throw new TypeError(`deskbell.on: no such event, or no function: ${event}`);
  }
}
