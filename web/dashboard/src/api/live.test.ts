import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLive, TRY_SOCKET_EVERY_MS } from './live';
import { ASK_EVERY_MS } from './streams';

let page: EventTarget & { visibilityState: string };
let network: EventTarget;
let hasFocus = true;
let attempts: Attempt[] = [];
let streams: Stream[] = [];

/** An attempt to open a WebSocket, and the fake server's end of it. */
class Attempt {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = 1;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number; reason: string }) => void;
  send() {}
  close() {}

  constructor() {
    attempts.push(this);
  }

  breaks() {
    this.onclose?.({ code: 1006, reason: '' });
  }

  /** Breaks, and is followed by the next attempt. */
  async fails() {
    this.breaks();
    await vi.advanceTimersByTimeAsync(2_000);
  }

  async succeeds() {
    this.onopen?.();
    this.onmessage?.({ data: '{"type":"connection_ack"}' });
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** An event stream, and the fake server's end of it. */
class Stream {
  #body!: ReadableStreamDefaultController<Uint8Array>;
  readonly response: Response;
  isOpen = true;

  constructor(init: RequestInit) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#body = controller;
      },
    });
    this.response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    init.signal?.addEventListener('abort', () => {
      if (this.isOpen) {
        this.isOpen = false;
        this.#body.error(new DOMException('', 'AbortError'));
      }
    });
    streams.push(this);
  }

  async says(text: string) {
    this.#body.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(0);
  }

  async ends() {
    this.isOpen = false;
    this.#body.close();
    await vi.advanceTimersByTimeAsync(0);
  }
}

const STATE = 'event: next\ndata: {"data":{}}\n\n';
const open = () => streams.filter(({ isOpen }) => isOpen).length;

beforeEach(() => {
  vi.useFakeTimers();
  attempts = [];
  streams = [];
  network = new EventTarget();
  hasFocus = true;
  page = Object.assign(new EventTarget(), { visibilityState: 'visible', hasFocus: () => hasFocus });
  vi.stubGlobal('location', new URL('https://chat.example.com/'));
  vi.stubGlobal('WebSocket', Attempt);
  vi.stubGlobal('document', page);
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('addEventListener', network.addEventListener.bind(network));
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => new Stream(init).response);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A dashboard with `count` subscriptions. */
async function dashboard(count = 1) {
  const onLive = vi.fn();
  const live = openLive({ onEnded: () => {}, onLive });
  const sinks = Array.from({ length: count }, () => ({ next: vi.fn(), error: vi.fn(), complete: vi.fn() }));
  const ends = sinks.map((sink, index) => live.subscribe({ query: `subscription { s${index} }` }, sink));
  await vi.advanceTimersByTimeAsync(0);
  return { live, sinks, ends, isLive: () => onLive.mock.calls.at(-1)?.[0] };
}

/** The same, behind a proxy that lets no WebSocket through. */
async function withoutSockets(count = 1) {
  const all = await dashboard(count);
  await attempts[0]?.fails();
  expect(streams.length).toBe(0);
  await attempts[1]?.fails();
  return all;
}

test('after two failed attempts to open a WebSocket, event streams take over and report whether they are live', async () => {
  const { sinks, isLive } = await withoutSockets();
  expect([streams.length, isLive()]).toEqual([1, false]);
  await streams[0]?.says(STATE);
  expect([sinks[0]?.next.mock.calls, isLive()]).toEqual([[[{ data: {} }]], true]);
  await streams[0]?.ends();
  expect(isLive()).toBe(false);
  await vi.advanceTimersByTimeAsync(500);
  await streams[1]?.says(STATE);
  expect(isLive()).toBe(true);
});

test('streams start while an attempt is unanswered, and end when it succeeds', async () => {
  const { isLive } = await dashboard();
  await vi.advanceTimersByTimeAsync(8_000);
  await streams[0]?.says(STATE);
  expect([attempts.length, streams.length, isLive()]).toEqual([1, 1, true]);
  await attempts[0]?.succeeds();
  expect([attempts.length, open(), isLive()]).toEqual([1, 0, true]);
});

test('a silent stream is reopened; a comment counts as a heartbeat', async () => {
  const { isLive } = await withoutSockets();
  await streams[0]?.says(STATE);
  await vi.advanceTimersByTimeAsync(20_000);
  await streams[0]?.says(':\n\n');
  await vi.advanceTimersByTimeAsync(20_000);
  expect([streams.length, isLive()]).toEqual([1, true]);
  await vi.advanceTimersByTimeAsync(12_000);
  expect([streams.length, open()]).toEqual([2, 1]);
});

test('a WebSocket is tried again every few minutes, and replaces the streams', async () => {
  const { isLive } = await withoutSockets();
  await streams[0]?.says(STATE);
  await attempts[2]?.fails();
  const before = attempts.length;
  const keepAlive = setInterval(() => void streams[0]?.says(':\n\n'), 20_000);
  await vi.advanceTimersByTimeAsync(TRY_SOCKET_EVERY_MS * 0.49);
  expect(attempts.length).toBe(before);
  await vi.advanceTimersByTimeAsync(TRY_SOCKET_EVERY_MS * 1.02);
  expect(attempts.length).toBe(before + 1);
  clearInterval(keepAlive);
  await attempts.at(-1)?.succeeds();
  expect([open(), isLive()]).toEqual([0, true]);
});

describe('streams that become live during the pause between two attempts', () => {
  let keepAlive: ReturnType<typeof setInterval>;

  beforeEach(async () => {
    await dashboard();
    await attempts[0]?.fails();
    attempts[1]?.breaks();
    await vi.advanceTimersByTimeAsync(0);
    await streams[0]?.says(STATE);
    keepAlive = setInterval(() => void streams.at(-1)?.says(STATE), 20_000);
  });
  afterEach(() => clearInterval(keepAlive));

  test('make it last for minutes', async () => {
    await vi.advanceTimersByTimeAsync(TRY_SOCKET_EVERY_MS * 0.49);
    expect([attempts.length, streams.length]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(TRY_SOCKET_EVERY_MS * 1.02);
    expect([attempts.length, streams.length]).toEqual([3, 1]);
  });

  test('make it last for minutes, also if they break soon', async () => {
    await streams[0]?.ends();
    await vi.advanceTimersByTimeAsync(TRY_SOCKET_EVERY_MS * 0.49);
    expect([attempts.length, streams.length]).toEqual([2, 2]);
  });

  test('and the network or a visible page still ends it', async () => {
    network.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(attempts.length).toBe(3);
    attempts[2]?.breaks();
    await vi.advanceTimersByTimeAsync(60_000);
    page.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(0);
    expect(attempts.length).toBe(4);
  });
});

test('a tab holds two streams, and polls all other subscriptions', async () => {
  const { sinks, ends, isLive } = await withoutSockets(3);
  expect(open()).toBe(3);
  for (const stream of [...streams]) {
    await stream.says(STATE);
  }
  expect([open(), isLive(), sinks.map(({ next }) => next.mock.calls.length)]).toEqual([2, true, [1, 1, 1]]);
  await vi.advanceTimersByTimeAsync(ASK_EVERY_MS);
  expect([streams.length, open(), isLive()]).toEqual([4, 3, true]);
  await streams[3]?.says(STATE);
  expect([open(), sinks[2]?.next.mock.calls.length]).toEqual([2, 2]);

  // Ends the subscription that held a stream.
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  await streams[4]?.says(STATE);
  expect([streams.length, open(), isLive()]).toEqual([5, 2, true]);
});

test('a hidden tab holds no stream, and reads again when it becomes visible', async () => {
  const { ends, isLive } = await withoutSockets();
  await streams[0]?.says(STATE);
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([streams.length, open()]).toEqual([1, 0]);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(0);
  await streams.at(-1)?.says(STATE);
  expect([open(), isLive()]).toEqual([1, true]);
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(open()).toBe(0);
});

test('a closed connection opens nothing', async () => {
  const { live } = await withoutSockets();
  live.close();
  await vi.advanceTimersByTimeAsync(600_000);
  expect([streams.length, open()]).toEqual([1, 0]);
});

test('two tabs hold streams, and others poll until one of them is hidden', async () => {
  /** The locks of a browser, shared by all tabs. */
  const taken = new Set<string>();
  vi.stubGlobal('navigator', {
    locks: {
      request: async (name: string, _: object, act: (lock: object | null) => Promise<void> | undefined) => {
        if (taken.has(name)) {
          return act(null);
        }
        taken.add(name);
        await act({});
        taken.delete(name);
      },
    },
  });
  const first = await withoutSockets(2);
  expect([...taken]).toEqual(['deskbell.streams.0']);
  taken.add('deskbell.streams.1');
  first.live.close();
  await vi.advanceTimersByTimeAsync(0);
  expect([...taken]).toEqual(['deskbell.streams.1']);

  taken.add('deskbell.streams.0');
  attempts = [];
  streams = [];
  const { isLive } = await withoutSockets(2);
  await streams[0]?.says(STATE);
  await streams[1]?.says(STATE);
  expect([open(), isLive()]).toEqual([0, true]);

  taken.delete('deskbell.streams.0');
  await vi.advanceTimersByTimeAsync(ASK_EVERY_MS);
  await streams[2]?.says(STATE);
  await streams[3]?.says(STATE);
  expect([open(), isLive(), taken.size]).toEqual([2, true, 2]);
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(0);
  expect([open(), taken.size]).toEqual([0, 1]);
});

test('without locks, the window with the focus holds streams', async () => {
  const { isLive } = await withoutSockets(2);
  await streams[0]?.says(STATE);
  await streams[1]?.says(STATE);
  expect(open()).toBe(2);
  hasFocus = false;
  network.dispatchEvent(new Event('blur'));
  await vi.advanceTimersByTimeAsync(0);
  await streams[2]?.says(STATE);
  await streams[3]?.says(STATE);
  expect([streams.length, open(), isLive()]).toEqual([4, 0, true]);
  hasFocus = true;
  network.dispatchEvent(new Event('focus'));
  await vi.advanceTimersByTimeAsync(0);
  await streams[4]?.says(STATE);
  await streams[5]?.says(STATE);
  expect([streams.length, open(), isLive()]).toEqual([6, 2, true]);
});

test('the end of the session is reported once, and nothing is requested after it', async () => {
  const { sinks, isLive } = await withoutSockets();
  await streams[0]?.says(STATE);
  await streams[0]?.says('event: next\ndata: {"errors":[{"message":"","extensions":{"code":"UNAUTHENTICATED"}}]}\n\n');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([streams.length, open(), isLive(), sinks[0]?.next.mock.calls.length]).toEqual([1, 0, false, 2]);
});

test('a failed poll is retried with backoff', async () => {
  const { isLive } = await withoutSockets();
  const broken = 'event: next\ndata: {"errors":[{"message":"","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}\n\n';
  for (let failure = 0; failure < 6; failure += 1) {
    await streams.at(-1)?.says(broken);
    await streams.at(-1)?.ends();
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect([streams.length, isLive()]).toEqual([7, false]);
  await streams.at(-1)?.ends();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(streams.length).toBe(7);
});
