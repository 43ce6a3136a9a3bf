import { expect, test } from 'vitest';
import { repaired, tokenIn } from './token';

const TOKEN = `dbl_${'Ab3_-xYz0'.repeat(5).slice(0, 43)}`;

test.each([
  `#token=${TOKEN}`,
  `#token=${TOKEN}.`,
  `#token=${TOKEN})`,
  `#token=${TOKEN}>`,
  `#token=${TOKEN}%3E`,
  `#token=${TOKEN}%20`,
  `#token=${TOKEN},`,
  `#token=${TOKEN}_`,
  `#token=${TOKEN}%E2%80%8B`,
  `#token=\u200b${TOKEN}\u00ad\ufeff`,
  `#token=%20${TOKEN}%0D%0A`,
  `#token=${TOKEN}%`,
  `#token=${TOKEN}%FF`,
  `#token%3D${TOKEN}`,
  `#token=3D${TOKEN}`,
  `#token=${TOKEN.slice(0, 20)}%0A%20${TOKEN.slice(20)}`,
  `#token=${TOKEN}&utm_source=mail`,
  `#utm_source=mail&token=${TOKEN}`,
])('the token of %s is found', (fragment) => {
  expect(tokenIn(fragment)).toBe(TOKEN);
});

test.each([
  '',
  '#',
  '#token=',
  '#token=none',
  `#token=${TOKEN.slice(0, -1)}`,
  `#token=${TOKEN.slice(0, -1)}%20please`,
  `#token=${TOKEN.slice(0, 20)}.${TOKEN.slice(20)}`,
])('%s is not complete', (fragment) => {
  expect(tokenIn(fragment)).toBe('');
});

test('an encoded # in the path counts as #', () => {
  const address = { path: '/recover-password', fragment: `token=${TOKEN}` };
  expect(repaired(`/recover-password%23token=${TOKEN}`)).toEqual(address);
  expect(repaired(`/recover-password%2523token=${TOKEN}`)).toEqual(address);
  expect(repaired('/recover-password')).toBeNull();
  expect(repaired('/settings/operators/T3BlcmF0b3I%3D')).toBeNull();
});
