// The parts of a browser that tests replace: time, randomness and the network.

/** Cancels what was started. Can be called several times. */
export type Cancel = () => void;

/** The used part of a WebSocket. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'>;

export interface World {
  /** Milliseconds since some moment. Continues while the machine sleeps, and never goes back. */
  now(): number;
  later(ms: number, run: () => void): Cancel;
  /** From 0 to 1, exclusive. */
  random(): number;
  socket(url: string): Socket;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Reports an error to the page's developers, like an uncaught exception. */
  report(error: unknown): void;
}

/** Does nothing. */
export const noop: Cancel = () => {};

/**
 * A clock from two imperfect clocks: `wall` can be set by users and time servers, and in some
 * browsers `steady` stops while the machine sleeps. Time advances by the larger step since the last
 * call. A jump of the wall clock is treated as sleep, which costs one ping.
 */
export function clock(wall: () => number, steady: () => number): () => number {
  let passed = 0;
  let last = [wall(), steady()] as const;
  return () => {
    const now = [wall(), steady()] as const;
    passed += Math.max(now[0] - last[0], now[1] - last[1]);
    last = now;
    return passed;
  };
}

/** The real browser. */
export const browser = (): World => ({
  now: clock(Date.now, () => performance.now()),
  later(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  socket: (url) => new WebSocket(url, 'graphql-transport-ws'),
  fetch: (url, init) => fetch(url, init),
  report: (error) => reportError(error),
});
