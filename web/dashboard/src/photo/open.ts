// Looks at a file before it is sent, so that what the server would refuse is refused here at once, for the same reasons.
import type { PhotoRejection } from '../gql/graphql';
import { LEAST_SIDE } from './crop';
import { kindOf, type Size, sizeOf } from './header';

const MOST_BYTES = 5 * 1024 * 1024;
const MOST_PIXELS = 40_000_000;

/** An image that can be cropped. */
export interface Picture extends Size {
  /** For an `<img>`. */
  url: string;
  image: ImageBitmap;
  /** Gives the memory back. */
  close(): void;
}

/** Opens a file, or says why it cannot be a photo. */
export async function openPicture(file: File): Promise<Picture | PhotoRejection> {
  if (file.size > MOST_BYTES) {
    return 'TOO_LARGE';
  }
  // A folder can be dropped as well, and looks like a file until it is read.
  const bytes = await file.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => null,
  );
  if (bytes === null) {
    return 'NOT_AN_IMAGE';
  }
  const rejection = rejectionOf(bytes, file.type);
  if (rejection !== null) {
    return rejection;
  }
  let image: ImageBitmap;
  try {
    // Damaged files fail here, while an `<img>` shows what there is of them. Turned as it is to be seen, if the camera said so.
    image = await createImageBitmap(file);
  } catch {
    return 'NOT_AN_IMAGE';
  }
  const url = URL.createObjectURL(file);
  const close = () => {
    URL.revokeObjectURL(url);
    image.close();
  };
  return { url, image, width: image.width, height: image.height, close };
}

/** Why a file cannot be a photo, as far as can be told without unpacking it: a small file can be a huge image. */
export function rejectionOf(bytes: Uint8Array, type: string): PhotoRejection | null {
  const kind = kindOf(bytes);
  if (kind === null || kind === 'other') {
    // A drawing (SVG) is known by what the browser calls it. What is called a photo and is none is no image.
    const isOther = type.startsWith('image/') && !['image/jpeg', 'image/png'].includes(type);
    return kind === 'other' || isOther ? 'UNSUPPORTED_FORMAT' : 'NOT_AN_IMAGE';
  }
  const size = sizeOf(bytes);
  if (size === null) {
    return 'NOT_AN_IMAGE';
  }
  if (size.width * size.height > MOST_PIXELS) {
    return 'TOO_LARGE';
  }
  return Math.min(size.width, size.height) < LEAST_SIDE ? 'TOO_SMALL' : null;
}
