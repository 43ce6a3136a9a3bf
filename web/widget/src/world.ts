// What the widget needs of a browser and cannot be tested without: time, chance and the network, in one place.

/** Undoes what was begun; may be called any number of times. */
export type Cancel = () => void;

/** The part of a WebSocket that is used. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'>;

export interface World {
  /** Milliseconds since some moment. Goes on while the machine sleeps, and never goes back. */
  now(): number;
  later(ms: number, run: () => void): Cancel;
  /** From 0 to 1, without 1. */
  random(): number;
  socket(url: string): Socket;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Tells the page's developers of a fault of theirs, as an uncaught exception would. */
  report(error: unknown): void;
}

/** Does nothing. */
export const nothing: Cancel = () => {};

/**
 * A clock from two that each fail in their way: `wall` is set by people and time servers, `steady` stands still in some
 * browsers while the machine sleeps. Time goes on by whichever went further since it was last looked at; a leap of the
 * wall clock is taken for sleep, which costs one question to the server.
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

/** The browser's. */
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
