import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
  vi.restoreAllMocks();
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

describe('an open connection', () => {
  let peers: Peer[] = [];

  /** A WebSocket that accepts everything, and the fake server's end of it. */
  class Peer {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readyState = Peer.OPEN;
    readonly sent: string[] = [];
    onopen?: () => void;
    onmessage?: (event: { data: string }) => void;

    constructor() {
      peers.push(this);
    }

    send(text: string) {
      this.sent.push(text);
    }

    close() {
      this.readyState = Peer.CLOSED;
    }

    says(message: object) {
      this.onmessage?.({ data: JSON.stringify(message) });
    }
  }

  beforeEach(() => {
    peers = [];
    vi.stubGlobal('WebSocket', Peer);
  });

  /** A connection with this random value for all pauses. */
  async function connected(chance: number) {
    vi.spyOn(Math, 'random').mockReturnValue(chance);
    const onLive = vi.fn();
    const socket = openSocket({
      onEnded: () => {},
      onLive,
      onFailed: () => {},
      onOverdue: () => {},
      pause: (retries) => rest(pause(retries)),
    });
    socket.subscribe({ query: 'subscription { viewer { id } }' }, { next() {}, error() {}, complete() {} });
    await vi.advanceTimersByTimeAsync(0);
    const peer = peers[0] as Peer;
    peer.onopen?.();
    peer.says({ type: 'connection_ack' });
    await vi.advanceTimersByTimeAsync(0);
    const pings = () => peer.sent.filter((text) => text === '{"type":"ping"}').length;
    return { peer, pings, id: JSON.parse(peer.sent[1] ?? '{}').id, isLive: () => onLive.mock.calls.at(-1)?.[0] };
  }

  const pauses = [
    { length: 'shortest', chance: 0, pingMs: 36_000 },
    { length: 'middle', chance: 0.5, pingMs: 40_000 },
    { length: 'longest', chance: 1, pingMs: 44_000 },
  ];

  test.each(pauses)(
    'that is half-open is terminated within 55 s, with the $length pause',
    async ({ chance, pingMs }) => {
      const { peer, pings, isLive } = await connected(chance);
      await vi.advanceTimersByTimeAsync(pingMs - 1);
      expect(pings()).toBe(0);
      await vi.advanceTimersByTimeAsync(1);
      expect(pings()).toBe(1);
      await vi.advanceTimersByTimeAsync(9_999);
      expect([isLive(), peer.readyState]).toEqual([true, Peer.OPEN]);
      await vi.advanceTimersByTimeAsync(1);
      expect([isLive(), peer.readyState]).toEqual([false, Peer.CLOSED]);
      await vi.advanceTimersByTimeAsync(20_000);
      expect([peers.length, pings()]).toEqual([2, 1]);
    },
  );

  test.each(pauses)('is not pinged while messages arrive, with the $length pause', async ({ chance, pingMs }) => {
    const { peer, pings, id, isLive } = await connected(chance);
    const messages = [
      { type: 'next', id, payload: { data: {} } },
      { type: 'next', id: 'late', payload: {} },
      { type: 'ping' },
      { type: 'pong' },
    ];
    for (let round = 0; round < 5; round += 1) {
      for (const message of messages) {
        await vi.advanceTimersByTimeAsync(35_999);
        peer.says(message);
      }
    }
    await vi.advanceTimersByTimeAsync(pingMs - 1);
    expect([pings(), isLive()]).toEqual([0, true]);
    await vi.advanceTimersByTimeAsync(1);
    expect(pings()).toBe(1);
  });

  test('that answers is kept for hours', async () => {
    const { peer, pings, isLive } = await connected(0.5);
    for (let passed = 0; passed < 7_200_000; passed += 1_000) {
      await vi.advanceTimersByTimeAsync(1_000);
      if (peer.sent.at(-1) === '{"type":"ping"}') {
        peer.sent.pop();
        peer.says({ type: 'pong' });
      }
    }
    expect([peers.length, pings(), isLive()]).toEqual([1, 0, true]);
  });

  test.each([
    ['the network is back', () => network.dispatchEvent(new Event('online'))],
    ['the page becomes visible', () => page.dispatchEvent(new Event('visibilitychange'))],
  ])('is probed once when %s', async (_, wake) => {
    const { peer, pings, isLive } = await connected(0.5);
    await vi.advanceTimersByTimeAsync(3_000);
    wake();
    expect(pings()).toBe(1);
    peer.says({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(20_000);
    wake();
    await vi.advanceTimersByTimeAsync(4_999);
    wake();
    expect([pings(), isLive()]).toEqual([2, true]);
    await vi.advanceTimersByTimeAsync(1);
    expect(isLive()).toBe(false);
    // Nothing is sent on a connection that has ended.
    wake();
    expect(pings()).toBe(2);
  });
});
