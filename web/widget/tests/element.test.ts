import { describe, expect, it } from 'vitest';
import { keyOf } from '../src/element';

describe('a widget key', () => {
  it.each([
    ['wk_1', 'wk_1'],
    [' wk_1\n', 'wk_1'],
    ['\u00a0wk_1\t', 'wk_1'],
    [' ', ''],
    ['', ''],
    [undefined, ''],
  ])('in the attribute %j is %j', (key, expected) => {
    expect(keyOf({ dataset: { key } } as unknown as HTMLElement)).toBe(expected);
  });
});
