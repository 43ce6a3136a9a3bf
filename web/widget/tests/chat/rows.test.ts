import { describe, expect, it } from 'vitest';
import type { Shown } from '../../src/chat/chat';
import { EMPTY, type Message, withItem } from '../../src/chat/log';
import { countOf, rowsOf } from '../../src/chat/rows';
import { ADA } from './world';

const NOON = new Date(2026, 10, 30, 12).getTime();
const MINUTE = 60_000;

const answer = (sequence: number, at: number | string): Message => ({
  ...{ sequence, clientMessageId: null, author: 'OPERATOR', operator: ADA, text: `${sequence}`, event: null },
  sentAt: typeof at === 'string' ? at : new Date(at).toISOString(),
});

function shown(messages: readonly Message[], pending: Shown['pending'] = []): Shown {
  const head = {
    ...{ id: 'a', status: 'OPEN' as const, closedBy: null, operators: [], name: null, email: null },
    ...{ isOperatorTyping: false, readUpTo: 0, readByOperatorUpTo: 0, unreadCount: 0 },
    lastSequence: messages.length,
  };
  const log = withItem(EMPTY, { head, messages, cursor: '', isReset: false });
  return {
    log,
    pending,
    unreadCount: 0,
    refusedEmail: null,
    isConnected: true,
    isLasting: true,
    isLoadingOlder: false,
  };
}

const pending = (at: number) => ({ id: `${at}`, text: 'Hello', at, isSent: false, problem: null });
const every = (count: number, step: number) => Array.from({ length: count }, (_, i) => answer(i + 1, NOON + i * step));

describe('the newest rows', () => {
  it.each([MINUTE, 10 * MINUTE, 7 * 60 * MINUTE])('are those of the whole log, with a message every %i ms', (step) => {
    const all = shown(every(40, step), [pending(NOON + 40 * step)]);
    expect(countOf(all)).toBe(41);
    const whole = rowsOf(all);
    for (let most = 1; most <= 42; most += 1) {
      const rows = rowsOf(all, most);
      const messages = rows.filter(({ is }) => is !== 'day');
      expect(messages).toEqual(whole.filter(({ is }) => is !== 'day').slice(-most));
      // With the day of the first one.
      expect(rows[0]?.is).toBe('day');
      expect(whole).toEqual(expect.arrayContaining(rows));
    }
  });

  it('begin with the same day when an older one is left out', () => {
    const keys = (count: number) => rowsOf(shown(every(count, MINUTE)), 10).map(({ key }) => key);
    const [before, after] = [keys(20), keys(21)];
    expect(after).toEqual([before[0], ...before.slice(2), 'a 21']);
  });
});

it('names each day once, and a day that comes again by another key', () => {
  const day = 24 * 60 * MINUTE;
  const rows = rowsOf(shown([answer(1, NOON), answer(2, NOON + day), answer(3, NOON), answer(4, NOON + 1)]));
  expect(rows.map(({ is }) => is)).toEqual(['day', 'message', 'day', 'message', 'day', 'message', 'message']);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});

it.each(['', 'yesterday', '+275760-09-13T00:00:00.001Z'])('has no day for a message sent at %j', (sentAt) => {
  const rows = rowsOf(shown([answer(1, NOON), answer(2, sentAt), answer(3, NOON + MINUTE)]));
  expect(rows.map(({ is }) => is)).toEqual(['day', 'message', 'message', 'message']);
});

it.each([1e300, Number.NaN, Number.NEGATIVE_INFINITY])('has no day for a stored message at %d', (at) => {
  expect(rowsOf(shown([], [pending(at)])).map(({ is }) => is)).toEqual(['message']);
});
