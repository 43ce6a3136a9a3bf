import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPicture, rejectionOf, scaleOf } from './open';

/** The test photos of the server. */
const fixture = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../../../tests/fixtures/photos', name)));

it.each([
  ['photo.jpg', 'image/jpeg', null],
  ['100x100.png', 'image/png', null],
  ['cmyk.jpg', 'image/jpeg', null],
  ['99x100.png', 'image/png', 'TOO_SMALL'],
  ['bomb.png', 'image/png', 'TOO_MUCH'],
  ['bomb.jpg', 'image/jpeg', 'TOO_MUCH'],
  // The browser decides whether it opens these: they never reach the server.
  ['animation.gif', 'image/gif', null],
  ['photo.webp', 'image/webp', null],
  ['drawing.svg', 'image/svg+xml', null],
  ['make.py', 'image/jxl', null],
  ['html.png', 'image/png', 'NOT_AN_IMAGE'],
  ['make.py', 'text/x-python', 'NOT_AN_IMAGE'],
])('%s is refused by its head, or not', (name, type, rejection) => {
  expect(rejectionOf(fixture(name), type)).toBe(rejection);
});

it('a photo with its size after all metadata of a phone is opened', () => {
  const photo = fixture('photo.jpg');
  // An application segment (ITU-T T.81, B.2.4.6) of the maximum length.
  const segment = new Uint8Array(2 + 0xffff);
  segment.set([0xff, 0xe2, 0xff, 0xff]);
  const parts = [photo.slice(0, 2), ...Array.from({ length: 20 }, () => segment), photo.slice(2)];
  const head = new Uint8Array(parts.flatMap((part) => [...part]).slice(0, 1024 * 1024));
  expect(rejectionOf(head, 'image/jpeg')).toBe(null);
});

it.each([
  [8064, 6048, 4096],
  [16_382, 3_628, 4624],
  [20_000, 400, 20_000],
  [4000, 3000, 4000],
])('the copy of a picture of %i × %i is %i wide', (width, height, copy) => {
  expect(Math.round(width * scaleOf({ width, height }))).toBe(copy);
});

it('an image that exceeds the browser’s memory is not decoded', async () => {
  const video = new File([], 'holidays.mov');
  Object.defineProperty(video, 'size', { value: 300 * 1024 * 1024 });
  video.slice = () => {
    throw new Error('was read');
  };
  expect(await openPicture(video)).toBe('TOO_MUCH');
});

it('an unreadable file, such as a folder, is not an image', async () => {
  const folder = new File([], 'holidays');
  folder.slice = () => {
    const part = new Blob([]);
    part.arrayBuffer = () => Promise.reject(new DOMException('', 'NotFoundError'));
    return part;
  };
  expect(await openPicture(folder)).toBe('NOT_AN_IMAGE');
});
