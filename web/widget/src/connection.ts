// The connection to one server, shared by all keys of a page. It opens with the first key, closes
// with the last, and reconnects while there are keys.
//
// A WebSocket is tried first. If it fails before it delivers a state, the next attempt uses event
// streams. After these fail or end, a WebSocket is tried again. While streams are open, a WebSocket
// is tried now and then as well: otherwise pages that fell back while the server was starting would
// keep their streams, which cost the server many times as much as a WebSocket.

import { read } from './availability';
import { pauseAfter } from './backoff';
import { confirm, deliver, type Follower, type Following, join, restart } from './followers';
import { forEachWire, type Phase, type Way } from './phase';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { nothing, type World } from './world';

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

export type Dial = Record<Way, (reports: Reports) => Wire>;

export class Connection {
  readonly #world: World;
  readonly #server: string;
  readonly #dial: Dial;
  readonly #followed = new Table<string, Following>();
  #phase: Phase = { is: 'idle', way: 'socket' };
  #stopTimer = nothing;
  #socketsWork = true;
  /** In a row. */
  #failures = 0;

  constructor(world: World, server: string, dial: Dial) {
    this.#world = world;
    this.#server = server;
    this.#dial = dial;
  }

  follow(key: string, follower: Follower): void {
    this.#followed.set(key, { follower, isFresh: false });
    forEachWire(this.#phase, (wire) => wire.follow(key));
    if (this.#phase.is === 'idle') {
      this.#attempt();
    }
  }

  unfollow(key: string): void {
    this.#followed.delete(key);
    forEachWire(this.#phase, (wire) => wire.unfollow(key));
    if (this.#followed.size === 0 && this.#phase.is !== 'suspended') {
      this.#close();
      this.#enter({ is: 'idle', way: this.#phase.way });
    }
  }

  /** Checks a connection that may be dead. */
  probe(): void {
    if ('wire' in this.#phase) {
      this.#phase.wire.probe();
    }
  }

  /**
   * The page is visible again or the network is back: reconnects without a pause, and resets the
   * backoff.
   */
  wake(): void {
    // Browsers report a network before it is usable: retry soon after a failure.
    this.#failures = 0;
    if (this.#phase.is === 'pausing') {
      this.#attempt();
    } else {
      this.probe();
    }
  }

  /** The page enters the back/forward cache. */
  suspend(): void {
    this.#close();
    this.#enter({ is: 'suspended', way: this.#phase.way });
  }

  resume(): void {
    if (this.#phase.is === 'suspended') {
      this.#failures = 0;
      this.#enter({ is: 'idle', way: this.#phase.way });
      if (this.#followed.size > 0) {
        this.#attempt();
      }
    }
  }

  /** A phase has at most one timer, which ends with it. */
  #enter(phase: Phase, ms = 0, run: (() => void) | null = null): void {
    this.#stopTimer();
    this.#phase = phase;
    this.#stopTimer = run ? this.#world.later(ms, run) : nothing;
  }

  #attempt(): void {
    const way = this.#socketsWork ? this.#phase.way : 'streams';
    const wire = this.#open(way);
    if (wire) {
      this.#enter({ is: 'trying', way, wire }, SERVE_WITHIN_MS, () => this.#fail());
    } else {
      this.#retry(way, null);
    }
  }

  /** Opens a wire for all keys; null if the browser refuses. */
  #open(way: Way): Wire | null {
    let opened: Wire;
    try {
      opened = this.#dial[way]({
        result: (key, result) => this.#take(opened, key, result),
        alive: (key) => 'wire' in this.#phase && this.#phase.wire === opened && confirm(this.#followed, key),
        ended: (code) => this.#end(opened, code),
      });
    } catch {
      return null;
    }
    join(this.#followed, opened);
    return opened;
  }

  #take(from: Wire, key: string, result: unknown): void {
    const following = this.#followed.get(key);
    const reading = read(result, this.#server);
    if (!following) {
      return;
    }
    if (reading === 'failed') {
      this.#end(from, 0);
      return;
    }
    this.#begin(from);
    if (reading === 'not found') {
      this.unfollow(key);
      following.follower.notFound();
    } else {
      deliver(following, reading);
    }
  }

  /** A wire has delivered a state. */
  #begin(wire: Wire): void {
    const phase = this.#phase;
    if (phase.is === 'trying') {
      this.#serve(phase.way, wire, this.#world.now());
    } else if (phase.is === 'succeeding' && phase.successor === wire) {
      phase.wire.close();
      restart(this.#followed);
      this.#serve('socket', wire, this.#world.now());
    }
  }

  #serve(way: Way, wire: Wire, since: number): void {
    const isReplaced = way === 'streams' && this.#socketsWork;
    const next = isReplaced ? () => this.#succeed(way, wire, since) : null;
    this.#enter({ is: 'serving', way, wire, since }, TRY_SOCKET_EVERY_MS * (0.5 + this.#world.random()), next);
  }

  /** Tries a WebSocket while streams serve. */
  #succeed(way: Way, wire: Wire, since: number): void {
    const successor = this.#open('socket');
    if (successor) {
      const end = () => this.#end(successor, 0);
      this.#enter({ is: 'succeeding', way, wire, since, successor }, SERVE_WITHIN_MS, end);
    } else {
      this.#serve(way, wire, since);
    }
  }

  /** A wire has ended, by itself or by a failure. */
  #end(wire: Wire, code: number): void {
    for (const last of NO_SOCKET_AFTER) {
      this.#socketsWork &&= code !== last;
    }
    const phase = this.#phase;
    if (phase.is === 'succeeding' && phase.successor === wire) {
      wire.close();
      this.#serve(phase.way, phase.wire, phase.since);
    } else {
      this.#fail();
    }
  }

  #fail(): void {
    const phase = this.#phase;
    this.#retry(phase.way, 'since' in phase ? phase.since : null);
  }

  /** Reconnects after a pause. `since` is when the failed wire began to serve; null if it did not. */
  #retry(way: Way, since: number | null): void {
    const hasHeld = since !== null && this.#world.now() - since >= HELD_AFTER_MS;
    this.#failures = hasHeld ? 0 : this.#failures + 1;
    this.#close();
    const next = way === 'socket' && since === null ? 'streams' : 'socket';
    this.#enter({ is: 'pausing', way: next }, pauseAfter(this.#failures, this.#world), () => this.#attempt());
  }

  /** Closes all wires. */
  #close(): void {
    forEachWire(this.#phase, (wire) => wire.close());
    restart(this.#followed);
  }
}
