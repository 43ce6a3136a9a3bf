import { expect, test } from 'vitest';
import { wordsOf } from '.';
import { en } from './en';
import { browserLanguages, preferred, regional } from './language';

test('the first of the browser’s languages that we speak decides, and English where we speak none', () => {
  expect(preferred(['de-AT', 'cs-CZ', 'en-GB'])).toBe('cs');
  expect(preferred(['de', 'constructor'])).toBe('en');
  expect(preferred([])).toBe('en');
});

test('dates are written as where the person is, in the language that was chosen', () => {
  expect(regional('en', ['cs-CZ', 'en-GB', 'en-US'])).toBe('en-GB');
  expect(regional('en', ['cs-CZ'])).toBe('en');
});

test('what the browser says of itself is made a tag that dates can be written by', () => {
  expect(browserLanguages({ languages: ['en-US@posix'], language: 'en-US@posix' })).toEqual(['en-US', 'en-US']);
  expect(browserLanguages({ languages: ['cs_CZ.UTF-8', 'en-gb', 'C', '', '*', 'x y', 7, null] })).toEqual([
    'cs-CZ',
    'en-GB',
  ]);
  expect(browserLanguages({ language: 'cs' })).toEqual(['cs']);
  expect(browserLanguages({})).toEqual([]);

  const tags = browserLanguages({ languages: ['en-US@posix'] });
  expect(preferred(tags)).toBe('en');
  const words = wordsOf('en', en, { region: regional('en', tags), choose: async () => {} });
  expect(words.moment('2026-11-25T20:38:00Z')).toContain('2026');
});
