// Opens the file that the user chose as a photo: any image that this browser supports. The server's
// limits do not apply, because only the cropped square is uploaded, as a small JPEG.
import { LEAST_SIDE, MOST_SIDE } from './crop';
import { kindOf, type Size, sizeOf } from './header';

/**
 * Limits that the memory of a tab allows. The largest photos of phones have 200 megapixels and
 * about 100 MB.
 */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_PIXELS = 256_000_000;
/** The header of a JPEG comes after the metadata of the camera. */
const HEAD_BYTES = 1024 * 1024;
/**
 * A larger picture is scaled down to this many pixels per side for cropping: four times the
 * uploaded size.
 */
const WORKING_SIDE = 4096;
/** Types that every browser opens. */
const KNOWN_TYPES: readonly string[] = ['image/gif', 'image/jpeg', 'image/png', 'image/webp'];
/** A drawing has no size in pixels. */
const DRAWING_SIDE = 2048;

/** Why a file cannot be cropped. */
export type Unopened = 'CANNOT_OPEN' | 'NOT_AN_IMAGE' | 'TOO_MUCH' | 'TOO_SMALL';

/** An image that is ready for cropping. */
export interface Picture extends Size {
  /** For an `<img>`. */
  url: string;
  image: CanvasImageSource;
  /** Frees the memory. */
  close(): void;
}

/** Opens a file, or returns why it cannot be a photo. */
export async function openPicture(file: File): Promise<Picture | Unopened> {
  if (file.size > MOST_BYTES) {
    return 'TOO_MUCH';
  }
  // A folder can be dropped too. It looks like a file until it is read.
  const head = await file
    .slice(0, HEAD_BYTES)
    .arrayBuffer()
    .then(
      (buffer) => new Uint8Array(buffer),
      () => null,
    );
  const rejection = head === null ? 'NOT_AN_IMAGE' : rejectionOf(head, file.type);
  if (head === null || rejection !== null) {
    return rejection ?? 'NOT_AN_IMAGE';
  }
  let decoded: Decoded;
  try {
    decoded = await decode(file, kindOf(head));
  } catch {
    return isDamaged(head, file.type) ? 'NOT_AN_IMAGE' : 'CANNOT_OPEN';
  }
  const { width, height } = decoded;
  if (width * height > MOST_PIXELS || Math.min(width, height) < LEAST_SIDE) {
    decoded.close();
    return Math.min(width, height) < LEAST_SIDE ? 'TOO_SMALL' : 'TOO_MUCH';
  }
  try {
    return await prepared(file, decoded);
  } catch {
    // Not enough memory for the copy.
    decoded.close();
    return 'TOO_MUCH';
  }
}

/** Whether a kind of image that every browser opens failed to open. */
function isDamaged(head: Uint8Array, type: string): boolean {
  const kind = kindOf(head);
  return kind === 'jpeg' || kind === 'png' || (kind === null && type === 'image/svg+xml');
}

/**
 * Why a file is rejected before decoding, as far as its header shows: a small file can be a huge
 * image.
 */
export function rejectionOf(head: Uint8Array, type: string): Unopened | null {
  if (kindOf(head) === null) {
    // A drawing (SVG) or a format of some browsers is recognised by its type. A file of a known
    // type must have the header of an image.
    return type.startsWith('image/') && !KNOWN_TYPES.includes(type) ? null : 'NOT_AN_IMAGE';
  }
  const size = sizeOf(head);
  if (size === null) {
    // Another kind of image, or the size is after the head: depth maps of phones have megabytes.
    return null;
  }
  if (size.width * size.height > MOST_PIXELS) {
    return 'TOO_MUCH';
  }
  return Math.min(size.width, size.height) < LEAST_SIDE ? 'TOO_SMALL' : null;
}

interface Decoded extends Size {
  image: CanvasImageSource;
  close(): void;
}

async function decode(file: File, kind: ReturnType<typeof kindOf>): Promise<Decoded> {
  try {
    // Fails for damaged files, of which an `<img>` would show a part. Applies the rotation that the
    // camera recorded.
    const image = await createImageBitmap(file);
    return { image, width: image.width, height: image.height, close: () => image.close() };
  } catch (error) {
    if (kind === 'jpeg' || kind === 'png') {
      throw error;
    }
    // Drawings, and HEIC in Safari, open only this way.
    return decodeAsElement(file);
  }
}

async function decodeAsElement(file: File): Promise<Decoded> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  try {
    image.src = url;
    await image.decode();
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
  let { naturalWidth: width, naturalHeight: height } = image;
  if (file.type === 'image/svg+xml' && width > 0 && height > 0) {
    const scale = DRAWING_SIDE / Math.max(width, height);
    [width, height] = [Math.round(width * scale), Math.round(height * scale)];
  }
  return { image, width, height, close: () => URL.revokeObjectURL(url) };
}

/** The scale of the copy of a picture: as large as allowed, and no narrower than the upload. */
export function scaleOf({ width, height }: Size): number {
  return Math.min(1, Math.max(WORKING_SIDE / Math.max(width, height), MOST_SIDE / Math.min(width, height)));
}

/**
 * The picture for cropping: the picture itself, or a smaller copy. A picture that is not a bitmap
 * is always copied.
 */
async function prepared(file: File, decoded: Decoded): Promise<Picture> {
  const scale = scaleOf(decoded);
  if (scale === 1 && decoded.image instanceof ImageBitmap) {
    const url = URL.createObjectURL(file);
    const close = () => {
      URL.revokeObjectURL(url);
      decoded.close();
    };
    return { ...decoded, url, close };
  }
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(decoded.width * scale);
  canvas.height = Math.round(decoded.height * scale);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) {
    throw new Error('no canvas');
  }
  // Transparent pixels would become black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(decoded.image, 0, 0, canvas.width, canvas.height);
  const copy = await jpegOf(canvas, 0.9);
  decoded.close();
  const url = URL.createObjectURL(copy);
  const close = () => {
    URL.revokeObjectURL(url);
    // Safari frees the memory of a canvas late.
    canvas.width = canvas.height = 0;
  };
  return { url, image: canvas, width: canvas.width, height: canvas.height, close };
}

/** Encodes a canvas as a JPEG. Throws if the browser runs out of memory. */
export async function jpegOf(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
  if (blob === null) {
    throw new Error('no JPEG');
  }
  return blob;
}
