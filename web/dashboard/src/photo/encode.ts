import { type Square, sideOfPhoto } from './crop';
import { jpegOf, type Picture } from './open';

/** Encodes the chosen square of a picture as a JPEG. Throws if the browser runs out of memory. */
export async function encode(picture: Picture, square: Square): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = sideOfPhoto(square);
  canvas.height = canvas.width;
  draw(picture, square, canvas);
  const blob = await jpegOf(canvas, 0.9);
  return new File([blob], 'photo.jpg', { type: blob.type });
}

/** Fills a square canvas with the chosen square of a picture. */
export function draw({ image }: Picture, square: Square, canvas: HTMLCanvasElement): void {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) {
    throw new Error('no canvas');
  }
  // Transparent pixels would become black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, square.x, square.y, square.side, square.side, 0, 0, canvas.width, canvas.height);
}
