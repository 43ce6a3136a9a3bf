// What is known about one widget key, and for how long it may be believed.
//
// The server pushes every change, so a state holds for as long as the server is known to live. Without a sign of life
// for 45 s nothing is known any more, whatever was last said, and nobody is shown as available.

import { type Availability, isSame } from './availability';
import type { Follower } from './connection';
import { nothing, type World } from './world';

/** A state is believed for so long after the last sign of life. */
export const STALE_AFTER_MS = 45_000;
/** How often its age is looked at: the longest that a state is shown after the machine has slept. */
export const LOOK_EVERY_MS = 15_000;

/** What a page may know of a key. */
export interface Known {
  /** Null before the first state, and while the last one is too old. */
  readonly availability: Availability | null;
  /** Whether there ever was one. */
  readonly wasKnown: boolean;
  /** False once the server has said that no account has this key, which is final. */
  readonly isFound: boolean;
}

export interface Topic extends Follower {
  readonly known: Known;
  /** Looks at the state's age at once. */
  check(): void;
  close(): void;
}

/**
 * `show` is called with every change, and `doubt` when a state got too old: the connection may not know that it is
 * gone.
 */
export function topic(world: World, show: (known: Known) => void, doubt: () => void): Topic {
  let known: Known = { availability: null, wasKnown: false, isFound: true };
  let latest: Availability | null = null;
  let seenAt = 0;
  let stopTimer = nothing;

  function become(change: Partial<Known>): void {
    known = { ...known, ...change };
    show(known);
  }

  function look(): void {
    stopTimer();
    stopTimer = world.later(LOOK_EVERY_MS, () => {
      look();
      check();
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
      doubt();
    }
  }

  return {
    get known() {
      return known;
    },
    state(availability, isFirst) {
      // The first of a connection is taken as it is: a database that was restored counts on from an earlier version.
      // What says the same as before is no change, and nobody hears that a connection was made anew.
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
