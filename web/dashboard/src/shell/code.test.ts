import { expect, test } from 'vitest';
import { isCodeMissing } from './code';

test('missing code is distinguished from an error of the page', () => {
  for (const message of [
    'Failed to fetch dynamically imported module: https://chat.example.com/assets/PlanPage-1.js',
    'error loading dynamically imported module: https://chat.example.com/assets/PlanPage-1.js',
    'Importing a module script failed.',
    'Unable to preload CSS for /assets/PlanPage-1.css',
  ]) {
    expect(isCodeMissing(new TypeError(message)), message).toBe(true);
  }
  expect(isCodeMissing(new RangeError('Incorrect locale information provided'))).toBe(false);
  expect(isCodeMissing(new TypeError("Cannot read properties of undefined (reading 'name')"))).toBe(false);
  expect(isCodeMissing({ status: 404 })).toBe(false);
});
