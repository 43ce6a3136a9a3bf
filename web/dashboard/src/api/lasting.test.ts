import type { Sink } from 'graphql-ws';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lasting } from './lasting';

const broken = { message: '', extensions: { code: 'INTERNAL_SERVER_ERROR' } };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A subscription, and a fake server: the sinks of all attempts. */
function follow() {
  const begun: Sink[] = [];
  const stopped = vi.fn();
  const told = { next: vi.fn(), error: vi.fn(), complete: vi.fn() };
  const subscribe = (_: unknown, sink: Sink) => {
    begun.push(sink);
    return stopped;
  };
  const stop = lasting({ subscribe: subscribe as never }, { query: 'subscription { viewer { id } }' }, told);
  return { begun, stopped, told, stop };
}

test('a server error is retried, with a backoff that grows until an item arrives', async () => {
  const { begun, told } = follow();
  begun[0]?.error({ code: 1011, reason: 'Something went wrong on the server' });
  expect(begun.length).toBe(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(begun.length).toBe(2);
  for (let failure = 0; failure < 6; failure += 1) {
    begun.at(-1)?.error([broken]);
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect(begun.length).toBe(8);
  begun.at(-1)?.error([broken]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(begun.length).toBe(8);
  await vi.advanceTimersByTimeAsync(14_000);
  begun.at(-1)?.next({ data: {} });
  begun.at(-1)?.error([broken]);
  await vi.advanceTimersByTimeAsync(500);
  expect(begun.length).toBe(10);
  expect(told.error).not.toHaveBeenCalled();
});

test('an error for too many requests is retried as well', async () => {
  const { begun, told } = follow();
  begun[0]?.error([{ message: '', extensions: { code: 'TOO_MANY_REQUESTS' } } as never]);
  await vi.advanceTimersByTimeAsync(500);
  expect([begun.length, told.error.mock.calls.length]).toEqual([2, 0]);
});

test('an item with an error does not end the subscription', async () => {
  const { begun, told } = follow();
  begun[0]?.next({ errors: [broken as never] });
  begun[0]?.complete();
  await vi.advanceTimersByTimeAsync(500);
  expect([begun.length, told.next.mock.calls.length, told.complete.mock.calls.length]).toEqual([2, 1, 0]);
});

test('the end of the session, a rejection and a completion are reported and not retried', async () => {
  for (const end of [{ code: 4403, reason: '' }, [{ message: '', extensions: { code: 'FORBIDDEN' } }]]) {
    const { begun, told } = follow();
    begun[0]?.error(end);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([begun.length, told.error.mock.calls]).toEqual([1, [[end]]]);
  }
  const { begun, told } = follow();
  begun[0]?.complete();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([begun.length, told.complete.mock.calls.length]).toEqual([1, 1]);
});

test('a cancelled subscription is not retried, not even after a pause', async () => {
  const { begun, stopped, stop } = follow();
  begun[0]?.error({ code: 1011, reason: '' });
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([begun.length, stopped.mock.calls.length]).toEqual([1, 1]);
});
