import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSocket, pause, rest } from './socket';

let page: EventTarget & { visibilityState: string };
let network: EventTarget;
let attempts = 0;

/** A WebSocket that never opens. */
class Unanswered {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  onclose?: (event: { code: number; reason: string }) => void;

  constructor() {
    attempts += 1;
    setTimeout(() => this.onclose?.({ code: 1006, reason: '' }));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  network = new EventTarget();
  vi.stubGlobal('location', new URL('https://chat.example.com/'));
  vi.stubGlobal('WebSocket', Unanswered);
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', network.addEventListener.bind(network));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/**
 * Loses the connection until the pauses are long. Returns the number of attempts within a moment.
 */
async function lost() {
  const socket = openSocket({
    onEnded: () => {},
    onLive: () => {},
    onFailed: () => {},
    onOverdue: () => {},
    pause: (retries) => rest(pause(retries)),
  });
  socket.subscribe({ query: 'subscription { viewer { id } }' }, { next() {}, error() {}, complete() {} });
  await vi.advanceTimersByTimeAsync(120_000);
  // Waits for the next attempt.
  for (const before = attempts; attempts === before; ) {
    await vi.advanceTimersByTimeAsync(100);
  }
  return async () => {
    const before = attempts;
    await vi.advanceTimersByTimeAsync(500);
    return attempts - before;
  };
}

test('a lost connection is retried after a pause', async () => {
  const tries = await lost();
  expect(await tries()).toBe(0);
});

test('and at once when the network is back', async () => {
  const tries = await lost();
  network.dispatchEvent(new Event('online'));
  expect(await tries()).toBe(1);
  expect(await tries()).toBe(0);
});

test('or when the page becomes visible again', async () => {
  const tries = await lost();
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(await tries()).toBe(0);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(await tries()).toBe(1);
});
