// The state of one widget key, and how long it is valid.
//
// The server pushes each change, so a state is valid while the server is alive. Without a heartbeat
// for 55 s, the state is unknown, and no operator is shown as available.

import { type Availability, isSame } from './availability';
import { noop, type World } from './world';

/** A state is valid for this time after the last heartbeat. */
export const STALE_AFTER_MS = 55_000;
/**
 * How often the age is checked: the longest that a stale state is shown after the machine has
 * slept. The last check is the fourth timer in a row: hidden tabs slow down the fifth.
 */
export const LOOK_EVERY_MS = 15_000;

/** The state of a key, for the page. */
export interface Known {
  /** Null before the first state, and while the latest is stale. */
  readonly availability: Availability | null;
  /** Whether there has ever been a state. */
  readonly wasKnown: boolean;
  /** False after the server has reported that the key does not exist, which is final. */
  readonly isFound: boolean;
}

export interface KeyState {
  readonly known: Known;
  state(availability: Availability, isFirst: boolean): void;
  alive(): void;
  notFound(): void;
  /** Checks the age of the state at once. */
  check(): void;
  close(): void;
}

/**
 * `show` receives each change. `onStale` is called when a state becomes stale: the connection may
 * be dead without having noticed.
 */
export function keyState(world: World, show: (known: Known) => void, onStale: () => void): KeyState {
  let known: Known = { availability: null, wasKnown: false, isFound: true };
  let latest: Availability | null = null;
  let seenAt = 0;
  let stopTimer = noop;

  function become(change: Partial<Known>): void {
    known = { ...known, ...change };
    show(known);
  }

  function look(): void {
    stopTimer();
    const left = seenAt + STALE_AFTER_MS - world.now();
    stopTimer = world.later(Math.min(LOOK_EVERY_MS, left), () => {
      check();
      if (known.availability) {
        look();
      }
    });
  }

  function alive(): void {
    seenAt = world.now();
    look();
    if (latest && known.availability !== latest) {
      become({ availability: latest, wasKnown: true });
    }
  }

  function check(): void {
    if (known.availability && world.now() - seenAt >= STALE_AFTER_MS) {
      stopTimer();
      become({ availability: null });
      onStale();
    }
  }

  return {
    get known() {
      return known;
    },
    state(availability, isFirst) {
      // The first state of a connection counts even with a lower version: a restored database
      // continues from an earlier version. An equal state is not a change, so a reconnect is not
      // announced.
      const isNews = !latest || (isFirst ? !isSame(availability, latest) : availability.version > latest.version);
      if (isNews) {
        latest = availability;
      }
      alive();
    },
    alive,
    notFound() {
      stopTimer();
      become({ availability: null, isFound: false });
    },
    check,
    close: () => stopTimer(),
  };
}
