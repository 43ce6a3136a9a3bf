// The connection to one server, shared by all keys of a page. It opens with the first key, closes
// with the last, and reconnects while there are keys.
//
// A WebSocket is tried first. If it fails before it delivers a state, the next attempt uses event
// streams. After these fail or end, a WebSocket is tried again. While streams are open, a WebSocket
// is tried now and then as well: otherwise pages that fell back while the server was starting would
// keep their streams, which cost the server many times as much as a WebSocket.

import { type Availability, read } from './availability';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { nothing, type World } from './world';

/**
 * The pause before an attempt is random, between the shortest pause and a maximum that doubles with
 * each failure.
 */
export const SHORTEST_PAUSE_MS = 500;
export const FIRST_LONGEST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 30_000;
/** An attempt fails without a state within this time. */
export const SERVE_WITHIN_MS = 8_000;
/** After a connection has delivered states for this time, the backoff is reset. */
export const HELD_AFTER_MS = 10_000;
/** Time until a WebSocket is tried while streams are open, plus or minus half. */
export const TRY_SOCKET_EVERY_MS = 300_000;

/**
 * The server's close codes for a fault of this client, and for a session that has ended (on the
 * server's own pages, a WebSocket sends the cookie). A retry would fail in the same way: this page
 * opens no more WebSockets, and continues with streams, which send no cookie.
 */
const NO_SOCKET_AFTER: readonly number[] = [4400, 4401, 4403, 4406, 4409, 4429];

/** The subscriber to a key. */
export interface Follower {
  state(availability: Availability, isFirst: boolean): void;
  alive(): void;
  notFound(): void;
}

export interface Connection {
  follow(key: string, follower: Follower): void;
  unfollow(key: string): void;
  /** Checks a connection that may be dead. */
  probe(): void;
  /**
   * The page is visible again or the network is back: reconnects without a pause, and resets the
   * backoff.
   */
  wake(): void;
  /** The page enters the back/forward cache. */
  suspend(): void;
  resume(): void;
}

export type Way = 'socket' | 'streams';
export type Dial = Record<Way, (reports: Reports) => Wire>;

interface Following {
  follower: Follower;
  /**
   * Whether the current wire has delivered a state. Only then does its heartbeat confirm the state.
   */
  isFresh: boolean;
}

export function connection(world: World, server: string, dial: Dial): Connection {
  const followed = new Table<string, Following>();
  let wire: Wire | null = null;
  /** A WebSocket that is tried while streams are open. */
  let trial: Wire | null = null;
  let way: Way = 'socket';
  let socketsWork = true;
  /** When the current wire delivered its first state. */
  let servesSince: number | null = null;
  let failures = 0;
  let isSuspended = false;
  /** The only timer: for a pause, an attempt, or a trial. */
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

  /** Opens a wire for all keys; null if the browser refuses. */
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

  /** The wire has failed: reconnects after a pause. */
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

  /** Closes all wires. */
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

  /** The trial has delivered a state, and replaces the streams. */
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
      // With other keys, an attempt is in flight or scheduled.
      if (followed.size === 1 && !isSuspended) {
        attempt();
      }
    },
    unfollow,
    probe: () => wire?.probe(),
    wake() {
      // Browsers report a network before it is usable: retry soon after a failure.
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
