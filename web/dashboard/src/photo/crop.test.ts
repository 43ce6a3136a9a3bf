import { describe, expect, it } from 'vitest';
import { LEAST_SIDE, mostZoom, sideOfPhoto, squareOf } from './crop';

describe('the zoom', () => {
  it('ends before the rest is smaller than a photo', () => {
    expect(mostZoom(400, 300)).toBe(3);
    expect(mostZoom(100, 4000)).toBe(1);
    expect(mostZoom(8000, 6000)).toBe(8);
  });
});

describe('a square', () => {
  it('is the chosen area', () => {
    expect(squareOf({ x: 40, y: 10, width: 200, height: 200 }, 640, 480)).toEqual({ x: 40, y: 10, side: 200 });
  });

  it('fixes rounding errors', () => {
    expect(squareOf({ x: -0.4, y: 279.6, width: 201, height: 200 }, 640, 480)).toEqual({ x: 0, y: 280, side: 200 });
    expect(squareOf({ x: 441, y: 281, width: 200, height: 200 }, 640, 480)).toEqual({ x: 440, y: 280, side: 200 });
    expect(squareOf({ x: 0, y: 0, width: 99.4, height: 99.4 }, 640, 480).side).toBe(LEAST_SIDE);
    expect(squareOf({ x: 0, y: 0, width: 481, height: 481 }, 640, 480)).toEqual({ x: 0, y: 0, side: 480 });
  });
});

describe('a photo', () => {
  it('is scaled down, and never up', () => {
    expect(sideOfPhoto({ x: 0, y: 0, side: 3000 })).toBe(1024);
    expect(sideOfPhoto({ x: 0, y: 0, side: 120 })).toBe(120);
  });
});
