import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kindOf, sizeOf } from './header';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** The test photos of the server. */
const fixture = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../../../tests/fixtures/photos', name)));

describe('a file', () => {
  it.each([
    ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF', 'jpeg'],
    ['PNG', '\x89PNG\r\n\x1a\n', 'png'],
    ['GIF', 'GIF89a', 'other'],
    ['WebP', 'RIFF\x10\0\0\0WEBPVP8 ', 'other'],
    ['AVIF and HEIC', '\0\0\0\x1cftypavif', 'other'],
    ['TIFF', 'II*\0', 'other'],
    ['a recording', 'RIFF\x10\0\0\0WAVEfmt ', null],
    ['a page', '<!doctype html>', null],
    ['half a signature', '\x89PN', null],
    ['nothing', '', null],
  ])('is known by its first bytes: %s', (_, head, kind) => {
    expect(kindOf(bytes(head))).toBe(kind);
  });

  it('is not trusted to be what its name says', () => {
    expect(kindOf(fixture('html.png'))).toBeNull();
  });
});

describe('the size', () => {
  it.each([
    ['photo.jpg', 320, 240],
    ['progressive.jpg', 320, 240],
    ['cmyk.jpg', 320, 240],
    ['100x100.png', 100, 100],
    ['interlaced.png', 120, 100],
    ['bomb.png', 20_000, 20_000],
    ['bomb.jpg', 65_535, 65_535],
    ['truncated.jpg', 320, 240],
  ])('is read from the header of %s', (name, width, height) => {
    expect(sizeOf(fixture(name))).toEqual({ width, height });
  });

  it('is unknown without a complete header', () => {
    expect(sizeOf(bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0'))).toBeNull();
    expect(sizeOf(bytes('\xff\xd8\xff'))).toBeNull();
    expect(sizeOf(bytes('\xff\xd8\xff\xe0\0\x10JFIF'))).toBeNull();
    expect(sizeOf(fixture('animation.gif'))).toBeNull();
  });

  it('is found after fill bytes', () => {
    expect(sizeOf(bytes('\xff\xd8\xff\xff\xff\xc0\0\x11\x08\0\x10\0\x20'))).toEqual({ width: 32, height: 16 });
  });
});
