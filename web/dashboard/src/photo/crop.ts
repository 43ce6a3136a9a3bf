// The arithmetic of cropping: which part of an image becomes the photo, and how large that is.

/** The fewest pixels that a photo has on each side; the server refuses less. */
export const LEAST_SIDE = 100;
/** The most that are sent. The server keeps 512 at most; twice that leaves it something to sharpen. */
export const MOST_SIDE = 1024;
const MOST_ZOOM = 8;

/** A part of an image in its own pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Square {
  x: number;
  y: number;
  side: number;
}

/** How far one may zoom into an image of this size, so that what is left is no smaller than a photo has to be. */
export function mostZoom(width: number, height: number): number {
  return Math.max(1, Math.min(MOST_ZOOM, Math.min(width, height) / LEAST_SIDE));
}

/** The square that was meant by an area which rounding may have made oblong, too small, or stick out of the image. */
export function squareOf(area: Area, width: number, height: number): Square {
  const most = Math.min(width, height);
  const side = Math.min(most, Math.max(Math.min(LEAST_SIDE, most), Math.round(Math.min(area.width, area.height))));
  const within = (offset: number, length: number) => Math.min(Math.max(0, Math.round(offset)), length - side);
  return { x: within(area.x, width), y: within(area.y, height), side };
}

/** How many pixels the photo has on each side: never more than the image gives. */
export function sideOfPhoto(square: Square): number {
  return Math.min(MOST_SIDE, square.side);
}
