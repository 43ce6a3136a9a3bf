import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSocket, pause } from './socket';

let page: EventTarget & { visibilityState: string };
let network: EventTarget;
let attempts = 0;

/** A connection that nobody takes. */
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

/** Somebody who is without a connection for so long that the pauses are long. Gives how often it was tried within a moment. */
async function lost() {
  const socket = openSocket({ onEnded: () => {}, onLive: () => {}, onFailed: () => {}, onOverdue: () => {}, pause });
  socket.subscribe({ query: 'subscription { viewer { id } }' }, { next() {}, error() {}, complete() {} });
  await vi.advanceTimersByTimeAsync(120_000);
  // Just after an attempt.
  for (const before = attempts; attempts === before; ) {
    await vi.advanceTimersByTimeAsync(100);
  }
  return async () => {
    const before = attempts;
    await vi.advanceTimersByTimeAsync(500);
    return attempts - before;
  };
}

test('a connection that is lost is tried again after a pause', async () => {
  const tries = await lost();
  expect(await tries()).toBe(0);
});

test('and at once when the network is back', async () => {
  const tries = await lost();
  network.dispatchEvent(new Event('online'));
  expect(await tries()).toBe(1);
  expect(await tries()).toBe(0);
});

test('or when somebody looks at the page again', async () => {
  const tries = await lost();
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(await tries()).toBe(0);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(await tries()).toBe(1);
});
