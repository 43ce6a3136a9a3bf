import { expect, test } from 'vitest';
import { preferred, regional } from './language';

test('the first of the browser’s languages that we speak decides, and English where we speak none', () => {
  expect(preferred(['de-AT', 'cs-CZ', 'en-GB'])).toBe('cs');
  expect(preferred(['de', 'constructor'])).toBe('en');
  expect(preferred([])).toBe('en');
});

test('dates are written as where the person is, in the language that was chosen', () => {
  expect(regional('en', ['cs-CZ', 'en-GB', 'en-US'])).toBe('en-GB');
  expect(regional('en', ['cs-CZ'])).toBe('en');
});
