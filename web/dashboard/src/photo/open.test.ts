import { describe, expect, it } from 'vitest';
import { kindOf, sizeRejection } from './open';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('a file', () => {
  it.each([
    ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF', 'photo'],
    ['PNG', '\x89PNG\r\n\x1a\n', 'photo'],
    ['GIF', 'GIF89a', 'image'],
    ['WebP', 'RIFF\x10\0\0\0WEBPVP8 ', 'image'],
    ['AVIF and HEIC', '\0\0\0\x1cftypavif', 'image'],
    ['TIFF', 'II*\0', 'image'],
    ['a recording', 'RIFF\x10\0\0\0WAVEfmt ', 'neither'],
    ['a page that is called photo.png', '<!doctype html>', 'neither'],
    ['half a signature', '\x89PN', 'neither'],
    ['nothing', '', 'neither'],
  ])('is known by its first bytes: %s', (_, head, kind) => {
    expect(kindOf(bytes(head))).toBe(kind);
  });
});

describe('an image', () => {
  it('is refused for the sizes that the server refuses', () => {
    expect(sizeRejection(100, 100)).toBeNull();
    expect(sizeRejection(99, 4000)).toBe('TOO_SMALL');
    expect(sizeRejection(8000, 5000)).toBeNull();
    expect(sizeRejection(8000, 5001)).toBe('TOO_LARGE');
  });
});
