// When a WebSocket is pinged, and how long its peer may be silent. The dashboard uses it as well.
//
// Scripts cannot see the server's ping frames, so clients send their own pings. Each ping is timed
// from the previous message, not from another timer: in hidden tabs, browsers slow chains of timers
// down to one a minute, but not timers that start after a message. So a hidden tab detects a dead
// connection as soon as any other.

import type { Cancel, World } from './world';

/** The server recognises exactly these bytes, and replies without parsing them. */
export const PING = '{"type":"ping"}';
/** Time without a message until a ping, plus or minus a tenth: not all pages ping at once. */
export const PING_AFTER_MS = 40_000;
export const PING_SPREAD = 0.1;
/**
 * Time without a message after a ping until the socket is closed: before the state becomes stale.
 */
export const PONG_WITHIN_MS = 10_000;
/** The same for a connection that may be dead: the network or the page was suspended. */
export const PROBE_WITHIN_MS = 5_000;

export interface Heartbeat {
  /** Any message of the peer has arrived. */
  heard(): void;
  /** Pings at once. */
  probe(): void;
  stop(): void;
}

/** `end` is called once if a ping is not followed by a message. */
export function heartbeat(world: Pick<World, 'later' | 'random'>, ping: () => void, end: () => void): Heartbeat {
  let stopTimer: Cancel | undefined;
  let stopProbe: Cancel | undefined;

  function ask(withinMs: number): Cancel {
    ping();
    return world.later(withinMs, () => {
      stop();
      end();
    });
  }

  function stop(): void {
    stopTimer?.();
    stopProbe?.();
    stopProbe = undefined;
  }

  return {
    heard() {
      stop();
      const pause = PING_AFTER_MS * (1 + PING_SPREAD * (2 * world.random() - 1));
      stopTimer = world.later(pause, () => {
        stopTimer = ask(PONG_WITHIN_MS);
      });
    },
    probe() {
      // One probe at a time: further probes would extend the deadline again and again. For the same
      // reason, the timer of the regular ping continues.
      stopProbe ??= ask(PROBE_WITHIN_MS);
    },
    stop,
  };
}
