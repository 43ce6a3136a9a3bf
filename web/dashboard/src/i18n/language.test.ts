import { expect, test } from 'vitest';
import { wordsOf } from '.';
import { en } from './en';
import { browserLanguages, preferred, regional } from './language';

test('the first supported language of the browser decides; English is the fallback', () => {
  expect(preferred(['de-AT', 'cs-CZ', 'en-GB'])).toBe('cs');
  expect(preferred(['de', 'constructor'])).toBe('en');
  expect(preferred([])).toBe('en');
});

test('dates are formatted for the user’s region, in the chosen language', () => {
  expect(regional('en', ['cs-CZ', 'en-GB', 'en-US'])).toBe('en-GB');
  expect(regional('en', ['cs-CZ'])).toBe('en');
});

test('malformed language tags of the browser become valid tags for dates', () => {
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
