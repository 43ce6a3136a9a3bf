// The connection to one server, shared by all keys of a page. It opens with the first subscription,
// closes with the last, and reconnects while there are any.
//
// A WebSocket is tried first. If it fails before it delivers a state, the next attempt uses event
// streams. After these fail or end, a WebSocket is tried again. While streams are open, a WebSocket
// is tried now and then as well: otherwise pages that fell back while the server was starting would
// keep their streams, which cost the server many times as much as a WebSocket.

import { pauseAfter } from './backoff';
import type { Dial, Link, Subscriber, Transport } from './contract';
import { forEachWire, type Phase, type Serving } from './phase';
import { Table } from './table';
import type { Wire } from './wire';
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
const NO_SOCKET_AFTER = /^44(0[01369]|29)$/;

export interface Connection extends Link {
  /** Checks a connection that may be dead. */
  probe(): void;
  /** The page enters the back/forward cache. */
  suspend(): void;
  resume(): void;
}

export function connection(world: World, firstToken: string | null, dial: Dial): Connection {
  /**
   * Whether the current wire has delivered a state. Only then does its heartbeat confirm the state.
   */
  const subscriptions = new Table<Subscriber, boolean>();
  let token = firstToken;
  let phase: Phase = { is: 'idle', transport: 'socket' };
  let stopTimer = noop;
  let socketsWork = true;
  /** In a row. */
  let failures = 0;

  /** A phase has at most one timer, which ends with it. */
  function enter(next: Phase, ms = 0, run: (() => void) | null = null): void {
    stopTimer();
    phase = next;
    stopTimer = run ? world.later(ms, run) : noop;
  }

  function attempt(): void {
    const transport = socketsWork ? phase.transport : 'streams';
    const wire = open(transport);
    if (wire) {
      enter({ is: 'trying', transport, wire }, SERVE_WITHIN_MS, fail);
    } else {
      retry(transport, null);
    }
  }

  /** Opens a wire for all subscriptions; null if the browser refuses. */
  function open(transport: Transport): Wire | null {
    let opened: Wire;
    try {
      opened = dial[transport](token, {
        result: (subscriber, result) => take(opened, subscriber, result),
        alive: (only) => confirm(opened, only),
        ended: (code) => end(opened, code),
      });
    } catch {
      return null;
    }
    for (const [subscriber] of subscriptions.rows) {
      opened.subscribe(subscriber);
    }
    return opened;
  }

  function isCurrent(wire: Wire): boolean {
    return 'wire' in phase && phase.wire === wire;
  }

  function take(from: Wire, subscriber: Subscriber, result: unknown): void {
    const isFresh = subscriptions.get(subscriber);
    if (isFresh === undefined) {
      return;
    }
    const taken = subscriber.take(result, !isFresh || !isCurrent(from));
    if (taken === 'failed') {
      end(from, 0);
      return;
    }
    begin(from);
    if (taken === 'over') {
      unsubscribe(subscriber);
    } else if (subscriptions.get(subscriber) === false) {
      subscriptions.set(subscriber, true);
    }
  }

  /** A heartbeat, for one subscriber, or for all if null. */
  function confirm(wire: Wire, only: Subscriber | null): void {
    for (const [subscriber, isFresh] of subscriptions.rows) {
      if (isFresh && isCurrent(wire) && (!only || only === subscriber)) {
        subscriber.alive();
      }
    }
  }

  /** The first state of each subscription is still to come. */
  function resetStates(): void {
    for (const [subscriber] of subscriptions.rows) {
      subscriptions.set(subscriber, false);
    }
  }

  /** A wire has delivered a state. */
  function begin(wire: Wire): void {
    if (phase.is === 'trying' && phase.wire === wire) {
      serve(phase.transport, wire, world.now());
    } else if (phase.is === 'replacing' && phase.replacement === wire) {
      phase.wire.close();
      resetStates();
      serve(phase.by, wire, world.now());
    }
  }

  function serve(transport: Transport, wire: Wire, since: number): void {
    const serving = { transport, wire, since };
    const isReplaceable = transport === 'streams' && socketsWork;
    const next = isReplaceable ? () => replace(serving, 'socket', false) : null;
    enter({ is: 'serving', ...serving }, TRY_SOCKET_EVERY_MS * (0.5 + world.random()), next);
  }

  /** Opens another wire, of kind `by`, while this one serves. */
  function replace({ transport, wire, since }: Serving, by: Transport, isNeeded: boolean): void {
    const replacement = open(by);
    if (replacement) {
      enter({ is: 'replacing', transport, wire, since, replacement, by, isNeeded }, SERVE_WITHIN_MS, () =>
        end(replacement, 0),
      );
    } else {
      serve(transport, wire, since);
    }
  }

  /** A wire has ended, by itself or by a failure. */
  function end(wire: Wire, code: number): void {
    socketsWork &&= !NO_SOCKET_AFTER.test(`${code}`);
    if (phase.is === 'replacing' && phase.replacement === wire && !phase.isNeeded) {
      wire.close();
      serve(phase.transport, phase.wire, phase.since);
    } else {
      fail();
    }
  }

  function fail(): void {
    retry(phase.transport, 'since' in phase ? phase.since : null);
  }

  /** Reconnects after a pause. `since`: when the failed wire began to serve; null if it did not. */
  function retry(transport: Transport, since: number | null): void {
    const hasHeld = since !== null && world.now() - since >= HELD_AFTER_MS;
    failures = hasHeld ? 0 : failures + 1;
    close();
    const next = transport === 'socket' && since === null ? 'streams' : 'socket';
    enter({ is: 'pausing', transport: next }, pauseAfter(failures, world), attempt);
  }

  /** Closes all wires. */
  function close(): void {
    forEachWire(phase, (wire) => wire.close());
    resetStates();
  }

  function subscribe(subscriber: Subscriber): void {
    subscriptions.set(subscriber, false);
    if ('isNeeded' in phase && phase.isNeeded) {
      // The old wire has the token of another visitor.
      phase.replacement.subscribe(subscriber);
    } else {
      forEachWire(phase, (wire) => wire.subscribe(subscriber));
    }
    if (phase.is === 'idle') {
      attempt();
    }
  }

  function unsubscribe(subscriber: Subscriber): void {
    subscriptions.delete(subscriber);
    forEachWire(phase, (wire) => wire.unsubscribe(subscriber));
    if (subscriptions.rows.length === 0 && phase.is !== 'suspended') {
      close();
      enter({ is: 'idle', transport: phase.transport });
    }
  }

  function probe(): void {
    if ('wire' in phase) {
      phase.wire.probe();
    }
  }

  return {
    dial,
    get token() {
      return token;
    },
    get isServing() {
      return 'since' in phase;
    },
    identify(next) {
      if (next === token) {
        return;
      }
      token = next;
      if ('since' in phase) {
        if ('replacement' in phase) {
          phase.replacement.close();
        }
        replace(phase, phase.transport, true);
      } else if (phase.is === 'trying') {
        phase.wire.close();
        attempt();
      }
    },
    subscribe,
    unsubscribe,
    probe,
    wake() {
      // Browsers report a network before it is usable: retry soon after a failure.
      failures = 0;
      if (phase.is === 'pausing') {
        attempt();
      } else {
        probe();
      }
    },
    suspend() {
      close();
      enter({ is: 'suspended', transport: phase.transport });
    },
    resume() {
      if (phase.is === 'suspended') {
        failures = 0;
        enter({ is: 'idle', transport: phase.transport });
        if (subscriptions.rows.length > 0) {
          attempt();
        }
      }
    },
  };
}
