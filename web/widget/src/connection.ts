// The one connection to a server, for all keys of a page: opened with the first, closed with the last, and made anew
// for as long as somebody needs it.
//
// A WebSocket goes first. When one fails before it has brought a state, the next attempt is event streams; when those
// fail or end, it is a WebSocket's turn again. While streams serve, a WebSocket is tried beside them now and then: or
// pages that came to streams only because the server was just starting would keep them, and a stream costs the server
// many times a socket.

import { type Availability, read } from './availability';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { nothing, type World } from './world';

/** Pauses before an attempt are random, between the shortest and a longest that doubles with each failure. */
export const SHORTEST_PAUSE_MS = 500;
export const FIRST_LONGEST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 30_000;
/** The time that an attempt has until it brings a state. */
export const SERVE_WITHIN_MS = 8_000;
/** After a connection that has served for so long, pauses begin anew. */
export const HELD_AFTER_MS = 10_000;
/** How long streams serve until a WebSocket is tried beside them, give or take a half. */
export const TRY_SOCKET_EVERY_MS = 300_000;

/**
 * The server closes with these for a fault of ours, or because a session has ended (on pages of the server's own a
 * WebSocket carries a cookie). The same again would come to the same: this page opens no WebSocket any more, and goes
 * on with streams, which carry no cookie.
 */
const NO_SOCKET_AFTER: readonly number[] = [4400, 4401, 4403, 4406, 4409, 4429];

/** Who wants to know about a key. */
export interface Follower {
  state(availability: Availability, isFirst: boolean): void;
  alive(): void;
  notFound(): void;
}

export interface Connection {
  follow(key: string, follower: Follower): void;
  unfollow(key: string): void;
  /** There is doubt whether the connection still works. */
  probe(): void;
  /** The page is seen again, or the network is back: no pause is waited out, and those after it begin anew. */
  wake(): void;
  /** The page is put away, perhaps to come back. */
  suspend(): void;
  resume(): void;
}

export type Way = 'socket' | 'streams';
export type Dial = Record<Way, (reports: Reports) => Wire>;

interface Following {
  follower: Follower;
  /** Whether the wire of now has brought its state: only then does a sign of life say anything about it. */
  isFresh: boolean;
}

export function connection(world: World, server: string, dial: Dial): Connection {
  const followed = new Table<string, Following>();
  let wire: Wire | null = null;
  /** A WebSocket that is tried beside streams. */
  let trial: Wire | null = null;
  let way: Way = 'socket';
  let socketsWork = true;
  /** When the wire of now brought its first state. */
  let servesSince: number | null = null;
  let failures = 0;
  let isSuspended = false;
  /** The one timer: of a pause, of an attempt, or until a trial and of it. */
  let stopTimer = nothing;

  function setTimer(ms: number, run: () => void): void {
    stopTimer();
    stopTimer = world.later(ms, run);
  }

  function attempt(): void {
    if (!socketsWork) {
      way = 'streams';
    }
    setTimer(SERVE_WITHIN_MS, lost);
    wire = open(way);
    if (!wire) {
      lost();
    }
  }

  /** Opens a wire for all keys; null when the browser does not even try. */
  function open(by: Way): Wire | null {
    let opened: Wire;
    try {
      opened = dial[by]({
        result: (key, result) => take(opened, key, result),
        alive: (key) => opened === wire && alive(key),
        ended: (code) => ended(opened, code),
      });
    } catch {
      return null;
    }
    for (const [key] of followed.rows) {
      opened.follow(key);
    }
    return opened;
  }

  function take(from: Wire, key: string, result: unknown): void {
    const following = followed.get(key);
    const reading = read(result, server);
    if (!following) {
      return;
    }
    if (reading === 'failed') {
      ended(from, 0);
      return;
    }
    if (from === trial) {
      adopt(from);
    }
    if (servesSince === null) {
      servesSince = world.now();
      stopTimer();
      planTrial();
    }
    if (reading === 'not found') {
      unfollow(key);
      following.follower.notFound();
      return;
    }
    const isFirst = !following.isFresh;
    following.isFresh = true;
    following.follower.state(reading, isFirst);
  }

  function alive(key: string | null): void {
    for (const [other, { follower, isFresh }] of followed.rows) {
      if (isFresh && (key === null || key === other)) {
        follower.alive();
      }
    }
  }

  function ended(which: Wire, code: number): void {
    for (const last of NO_SOCKET_AFTER) {
      socketsWork &&= code !== last;
    }
    if (which === trial) {
      planTrial();
    } else {
      lost();
    }
  }

  /** The wire is gone: another is opened after a pause. */
  function lost(): void {
    const hasServed = servesSince !== null;
    const hasHeld = hasServed && world.now() - Number(servesSince) >= HELD_AFTER_MS;
    failures = hasHeld ? 0 : failures + 1;
    way = way === 'socket' && !hasServed ? 'streams' : 'socket';
    shut();
    setTimer(pause(), attempt);
  }

  function pause(): number {
    const longest = Math.min(FIRST_LONGEST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), LONGEST_PAUSE_MS);
    return SHORTEST_PAUSE_MS + (longest - SHORTEST_PAUSE_MS) * world.random();
  }

  /** Closes whatever is open. */
  function shut(): void {
    stopTimer();
    stopTrial();
    wire?.close();
    wire = null;
    becomeAnother();
  }

  function becomeAnother(): void {
    servesSince = null;
    for (const [, following] of followed.rows) {
      following.isFresh = false;
    }
  }

  function planTrial(): void {
    stopTrial();
    if (way === 'streams' && socketsWork) {
      setTimer(TRY_SOCKET_EVERY_MS * (0.5 + world.random()), () => {
        setTimer(SERVE_WITHIN_MS, planTrial);
        trial = open('socket');
      });
    }
  }

  function stopTrial(): void {
    trial?.close();
    trial = null;
  }

  /** The trial has brought a state, and takes the streams' place. */
  function adopt(tried: Wire): void {
    trial = null;
    wire?.close();
    wire = tried;
    way = 'socket';
    becomeAnother();
  }

  function unfollow(key: string): void {
    followed.delete(key);
    wire?.unfollow(key);
    trial?.unfollow(key);
    if (followed.size === 0) {
      shut();
    }
  }

  return {
    follow(key, follower) {
      followed.set(key, { follower, isFresh: false });
      wire?.follow(key);
      trial?.follow(key);
      // With others there already, an attempt is under way or to come.
      if (followed.size === 1 && !isSuspended) {
        attempt();
      }
    },
    unfollow,
    probe: () => wire?.probe(),
    wake() {
      // Browsers say that there is a network before it leads anywhere: what fails now is tried again soon.
      failures = 0;
      if (wire) {
        wire.probe();
      } else if (followed.size > 0 && !isSuspended) {
        attempt();
      }
    },
    suspend() {
      isSuspended = true;
      shut();
    },
    resume() {
      if (isSuspended) {
        isSuspended = false;
        failures = 0;
        if (followed.size > 0) {
          attempt();
        }
      }
    },
  };
}
