// Geometry of cropping: which part of an image becomes the photo, and its size.

/** Minimum pixels per side. The server rejects smaller photos. */
export const LEAST_SIDE = 100;
/**
 * Maximum pixels per side that are uploaded. The server keeps at most 512; twice that is enough to
 * sharpen.
 */
export const MOST_SIDE = 1024;
const MOST_ZOOM = 8;

/** A part of an image, in pixels of the image. */
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

/** The maximum zoom for an image of this size: the rest must not be smaller than a photo. */
export function mostZoom(width: number, height: number): number {
  return Math.max(1, Math.min(MOST_ZOOM, Math.min(width, height) / LEAST_SIDE));
}

/** The intended square. Rounding can make the area oblong, too small, or larger than the image. */
export function squareOf(area: Area, width: number, height: number): Square {
  const most = Math.min(width, height);
  const side = Math.min(most, Math.max(Math.min(LEAST_SIDE, most), Math.round(Math.min(area.width, area.height))));
  const within = (offset: number, length: number) => Math.min(Math.max(0, Math.round(offset)), length - side);
  return { x: within(area.x, width), y: within(area.y, height), side };
}

/** Pixels per side of the photo: never more than the image has. */
export function sideOfPhoto(square: Square): number {
  return Math.min(MOST_SIDE, square.side);
}
