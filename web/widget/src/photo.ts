// Photos as pictures on a canvas: fetched like data, so that the page's policy needs no image source, and without the
// visitor's cookies. Initials stand there until a photo has come, and where none comes.

/** Kept in memory: two pages of cards. A bitmap takes 64 KiB. */
const MOST = 20;
const bitmaps = new Map<string, Promise<ImageBitmap>>();

function load(url: string): Promise<ImageBitmap> {
  const known = bitmaps.get(url);
  if (known) {
    return known;
  }
  const loading = fetch(url, { mode: 'cors', credentials: 'omit' }).then(async (response) => {
    if (!response.ok) {
      throw new Error(`HTTP ${response.status}`);
    }
    return createImageBitmap(await response.blob());
  });
  bitmaps.set(url, loading);
  // Tried again when the card is shown the next time.
  loading.catch(() => bitmaps.delete(url));
  const [oldest] = bitmaps.keys();
  if (bitmaps.size > MOST && oldest !== undefined) {
    bitmaps.delete(oldest);
  }
  return loading;
}

/** The first letters of the first and the last word, as people see them: a flag is one. Two pictures would be too wide. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  // Firefox has had it since version 125.
  const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter() : null;
  const letters = (word: string): string[] =>
    segmenter ? Array.from(segmenter.segment(word), ({ segment }) => segment) : Array.from(word);
  const [first = '', last = ''] = [words[0], words.length > 1 ? words.at(-1) : ''].map((word = '') => letters(word)[0]);
  const isPicture = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(first + last);
  return (isPicture ? first : first + last).toUpperCase();
}

/** A round picture of somebody, `side` CSS pixels wide; of no use to those who hear the name. */
export function portrait(name: string, url: string | null, side: number): HTMLElement {
  const frame = document.createElement('span');
  frame.className = 'portrait';
  frame.setAttribute('aria-hidden', 'true');
  frame.textContent = initials(name);
  if (url !== null) {
    load(url).then(
      (bitmap) => frame.replaceChildren(drawn(bitmap, side)),
      () => {},
    );
  }
  return frame;
}

function drawn(bitmap: ImageBitmap, side: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  // As many pixels as the screen has there: left to the browser's layout, a picture shrunk to a quarter is jagged.
  canvas.width = canvas.height = Math.min(Math.ceil(side * devicePixelRatio), bitmap.width);
  const pen = canvas.getContext('2d');
  if (pen) {
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
  return canvas;
}
