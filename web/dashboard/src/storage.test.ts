import { afterEach, expect, test, vi } from 'vitest';
import { initial } from './i18n/language';
import { keep, recall } from './storage';

afterEach(() => vi.unstubAllGlobals());

test('a choice is stored and removed', () => {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  keep('deskbell.theme', 'dark');
  expect(recall('deskbell.theme')).toBe('dark');
  keep('deskbell.theme', null);
  expect([recall('deskbell.theme'), stored.size]).toEqual([null, 0]);
});

test('a browser without storage still shows the page', () => {
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse });
  vi.stubGlobal('navigator', { languages: ['cs-CZ', 'en'] });
  keep('deskbell.theme', 'dark');
  keep('deskbell.theme', null);
  expect([recall('deskbell.theme'), initial()]).toEqual([null, 'cs']);
});
