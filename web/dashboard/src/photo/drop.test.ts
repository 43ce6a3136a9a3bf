import { expect, test } from 'vitest';
import { isTextForField } from './drop';

test('text can be dropped into a field; files and links never replace the page', () => {
  expect(isTextForField(['text/plain', 'text/html'], true)).toBe(true);
  expect(isTextForField(['text/uri-list', 'text/plain'], true)).toBe(true);
  expect(isTextForField(['text/uri-list', 'text/plain'], false)).toBe(false);
  expect(isTextForField(['text/uri-list', 'Files'], true)).toBe(false);
  expect(isTextForField(['Files'], false)).toBe(false);
});
