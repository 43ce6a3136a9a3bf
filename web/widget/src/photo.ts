// Draws photos on a canvas. They are fetched as data, so the page's policy needs no image source,
// and without cookies. Initials are shown until a photo arrives, and if none does.

import { Table } from './table';

/** Photos in memory: two pages of cards. A bitmap takes 64 KiB. */
const MOST = 20;
const bitmaps = new Table<string, Promise<ImageBitmap>>();

function load(url: string): Promise<ImageBitmap> {
  const known = bitmaps.get(url);
  if (known) {
    return known;
  }
  const loading = ask(url);
  bitmaps.set(url, loading);
  const [oldest] = bitmaps.rows;
  if (oldest && bitmaps.rows.length > MOST) {
    bitmaps.delete(oldest[0]);
  }
  return loading;
}

async function ask(url: string): Promise<ImageBitmap> {
  const response = await fetch(url, { credentials: 'omit' });
  // Rejects the text of an error, too.
  return createImageBitmap(await response.blob());
}

/**
 * Initials of the first and the last word, by grapheme cluster: a flag counts as one. Two emoji
 * would be too wide.
 */
export function initials(name: string): string {
  const words = name.match(/\S+/g) ?? [];
  const first = letter(words[0]);
  const last = words.length > 1 ? letter(words[words.length - 1]) : '';
  const isPicture = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(first + last);
  return (isPicture ? first : first + last).toUpperCase();
}

/** The first grapheme cluster of a word. */
function letter(word = ''): string {
  // Firefox has it since version 125.
  if ('Segmenter' in Intl) {
    for (const { segment } of new Intl.Segmenter().segment(word)) {
      return segment;
    }
  }
  for (const character of word) {
    return character;
  }
  return '';
}

/**
 * A round photo of an operator, `side` CSS pixels wide. Hidden from screen readers, which read the
 * name.
 */
export function portrait(name: string, url: string | null, side: number): HTMLElement {
  const frame = document.createElement('span');
  frame.className = 'portrait';
  frame.setAttribute('aria-hidden', 'true');
  frame.textContent = initials(name);
  if (url !== null) {
    void show(frame, url, side);
  }
  return frame;
}

async function show(frame: HTMLElement, url: string, side: number): Promise<void> {
  try {
    const picture = drawn(await load(url), side);
    frame.textContent = '';
    frame.appendChild(picture);
  } catch {
    // Retried when the card is shown again.
    bitmaps.delete(url);
  }
}

function drawn(bitmap: ImageBitmap, side: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  // Matches the pixels of the screen: a picture that the browser scales down to a quarter is
  // jagged.
  canvas.width = canvas.height = Math.min(Math.ceil(side * devicePixelRatio), bitmap.width);
  const pen = canvas.getContext('2d');
  if (pen) {
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
  return canvas;
}
