import { type Square, sideOfPhoto } from './crop';
import { jpegOf, type Picture } from './open';

/** Encodes the chosen square of a picture as a JPEG. Throws if the browser runs out of memory. */
export async function encode({ image }: Picture, square: Square): Promise<Blob> {
  const side = sideOfPhoto(square);
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) {
    throw new Error('no canvas');
  }
  // Transparent pixels would become black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, square.x, square.y, square.side, square.side, 0, 0, side, side);
  const blob = await jpegOf(canvas, 0.9);
  return new File([blob], 'photo.jpg', { type: blob.type });
}
