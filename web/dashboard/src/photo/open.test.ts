import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPicture, rejectionOf } from './open';

/** The photos that the server is tested with: both refuse them for the same reasons. */
const fixture = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../../../tests/fixtures/photos', name)));

it.each([
  ['photo.jpg', 'image/jpeg', null],
  ['100x100.png', 'image/png', null],
  ['cmyk.jpg', 'image/jpeg', null],
  ['99x100.png', 'image/png', 'TOO_SMALL'],
  ['bomb.png', 'image/png', 'TOO_LARGE'],
  ['bomb.jpg', 'image/jpeg', 'TOO_LARGE'],
  ['animation.gif', 'image/gif', 'UNSUPPORTED_FORMAT'],
  ['photo.webp', 'image/webp', 'UNSUPPORTED_FORMAT'],
  ['drawing.svg', 'image/svg+xml', 'UNSUPPORTED_FORMAT'],
  ['html.png', 'image/png', 'NOT_AN_IMAGE'],
  ['make.py', 'text/x-python', 'NOT_AN_IMAGE'],
])('%s is refused as the server refuses it, or not', (name, type, rejection) => {
  expect(rejectionOf(fixture(name), type)).toBe(rejection);
});

it('a file of more than 5 MiB is not even looked at', async () => {
  expect(await openPicture(new File([new Uint8Array(5 * 1024 * 1024 + 1)], 'photo.jpg'))).toBe('TOO_LARGE');
});

it('what cannot be read, such as a folder, is no image', async () => {
  const folder = new File([], 'holidays');
  folder.arrayBuffer = () => Promise.reject(new DOMException('', 'NotFoundError'));
  expect(await openPicture(folder)).toBe('NOT_AN_IMAGE');
});
