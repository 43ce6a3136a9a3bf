// The connection to one server, shared by all keys of a page. It opens with the first key, closes
// with the last, and reconnects while there are keys.
//
// A WebSocket is tried first. If it fails before it delivers a state, the next attempt uses event
// streams. After these fail or end, a WebSocket is tried again. While streams are open, a WebSocket
// is tried now and then as well: otherwise pages that fell back while the server was starting would
// keep their streams, which cost the server many times as much as a WebSocket.

import { read } from './availability';
import { pauseAfter } from './backoff';
import { forEachWire, type Phase, type Transport } from './phase';
import { confirm, deliver, resetStates, type Subscriber, type Subscription, subscribeAll } from './subscriptions';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { noop, type World } from './world';

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

export type Dial = Record<Transport, (reports: Reports) => Wire>;

export class Connection {
  readonly #world: World;
  readonly #server: string;
  readonly #dial: Dial;
  readonly #subscriptions = new Table<string, Subscription>();
  #phase: Phase = { is: 'idle', transport: 'socket' };
  #stopTimer = noop;
  #socketsWork = true;
  /** In a row. */
  #failures = 0;

  constructor(world: World, server: string, dial: Dial) {
    this.#world = world;
    this.#server = server;
    this.#dial = dial;
  }

  subscribe(key: string, subscriber: Subscriber): void {
    this.#subscriptions.set(key, { subscriber, isFresh: false });
    forEachWire(this.#phase, (wire) => wire.subscribe(key));
    if (this.#phase.is === 'idle') {
      this.#attempt();
    }
  }

  unsubscribe(key: string): void {
    this.#subscriptions.delete(key);
    forEachWire(this.#phase, (wire) => wire.unsubscribe(key));
    if (this.#subscriptions.size === 0 && this.#phase.is !== 'suspended') {
      this.#close();
      this.#enter({ is: 'idle', transport: this.#phase.transport });
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
    this.#enter({ is: 'suspended', transport: this.#phase.transport });
  }

  resume(): void {
    if (this.#phase.is === 'suspended') {
      this.#failures = 0;
      this.#enter({ is: 'idle', transport: this.#phase.transport });
      if (this.#subscriptions.size > 0) {
        this.#attempt();
      }
    }
  }

  /** A phase has at most one timer, which ends with it. */
  #enter(phase: Phase, ms = 0, run: (() => void) | null = null): void {
    this.#stopTimer();
    this.#phase = phase;
    this.#stopTimer = run ? this.#world.later(ms, run) : noop;
  }

  #attempt(): void {
    const transport = this.#socketsWork ? this.#phase.transport : 'streams';
    const wire = this.#open(transport);
    if (wire) {
      this.#enter({ is: 'trying', transport, wire }, SERVE_WITHIN_MS, () => this.#fail());
    } else {
      this.#retry(transport, null);
    }
  }

  /** Opens a wire for all keys; null if the browser refuses. */
  #open(transport: Transport): Wire | null {
    let opened: Wire;
    try {
      opened = this.#dial[transport]({
        result: (key, result) => this.#take(opened, key, result),
        alive: (key) => 'wire' in this.#phase && this.#phase.wire === opened && confirm(this.#subscriptions, key),
        ended: (code) => this.#end(opened, code),
      });
    } catch {
      return null;
    }
    subscribeAll(this.#subscriptions, opened);
    return opened;
  }

  #take(from: Wire, key: string, result: unknown): void {
    const subscription = this.#subscriptions.get(key);
    const reading = read(result, this.#server);
    if (!subscription) {
      return;
    }
    if (reading === 'failed') {
      this.#end(from, 0);
      return;
    }
    this.#begin(from);
    if (reading === 'not found') {
      this.unsubscribe(key);
      subscription.subscriber.notFound();
    } else {
      deliver(subscription, reading);
    }
  }

  /** A wire has delivered a state. */
  #begin(wire: Wire): void {
    const phase = this.#phase;
    if (phase.is === 'trying') {
      this.#serve(phase.transport, wire, this.#world.now());
    } else if (phase.is === 'replacing' && phase.replacement === wire) {
      phase.wire.close();
      resetStates(this.#subscriptions);
      this.#serve('socket', wire, this.#world.now());
    }
  }

  #serve(transport: Transport, wire: Wire, since: number): void {
    const isReplaceable = transport === 'streams' && this.#socketsWork;
    const next = isReplaceable ? () => this.#replace(transport, wire, since) : null;
    this.#enter({ is: 'serving', transport, wire, since }, TRY_SOCKET_EVERY_MS * (0.5 + this.#world.random()), next);
  }

  /** Tries a WebSocket while streams serve. */
  #replace(transport: Transport, wire: Wire, since: number): void {
    const replacement = this.#open('socket');
    if (replacement) {
      const end = () => this.#end(replacement, 0);
      this.#enter({ is: 'replacing', transport, wire, since, replacement }, SERVE_WITHIN_MS, end);
    } else {
      this.#serve(transport, wire, since);
    }
  }

  /** A wire has ended, by itself or by a failure. */
  #end(wire: Wire, code: number): void {
    for (const last of NO_SOCKET_AFTER) {
      this.#socketsWork &&= code !== last;
    }
    const phase = this.#phase;
    if (phase.is === 'replacing' && phase.replacement === wire) {
      wire.close();
      this.#serve(phase.transport, phase.wire, phase.since);
    } else {
      this.#fail();
    }
  }

  #fail(): void {
    const phase = this.#phase;
    this.#retry(phase.transport, 'since' in phase ? phase.since : null);
  }

  /** Reconnects after a pause. `since`: when the failed wire began to serve; null if it did not. */
  #retry(transport: Transport, since: number | null): void {
    const hasHeld = since !== null && this.#world.now() - since >= HELD_AFTER_MS;
    this.#failures = hasHeld ? 0 : this.#failures + 1;
    this.#close();
    const next = transport === 'socket' && since === null ? 'streams' : 'socket';
    this.#enter({ is: 'pausing', transport: next }, pauseAfter(this.#failures, this.#world), () => this.#attempt());
  }

  /** Closes all wires. */
  #close(): void {
    forEachWire(this.#phase, (wire) => wire.close());
    resetStates(this.#subscriptions);
  }
}
