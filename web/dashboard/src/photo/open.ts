// Looks at a file before it is sent, so that most of what the server would refuse is refused here at once. What is refused and why is
// the same as there.
import type { PhotoRejection } from '../gql/graphql';
import { LEAST_SIDE } from './crop';

const MOST_BYTES = 5 * 1024 * 1024;
const MOST_PIXELS = 40_000_000;

/** An image that can be cropped. */
export interface Picture {
  url: string;
  image: HTMLImageElement;
  width: number;
  height: number;
}

/** Opens a file, or says why it cannot be a photo. Whoever is given a picture revokes its URL in the end. */
export async function openPicture(file: File): Promise<Picture | PhotoRejection> {
  const kind = kindOf(new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  if (kind !== 'photo') {
    return kind === 'image' || file.type.startsWith('image/') ? 'UNSUPPORTED_FORMAT' : 'NOT_AN_IMAGE';
  }
  if (file.size > MOST_BYTES) {
    return 'TOO_LARGE';
  }
  const url = URL.createObjectURL(file);
  const picture = await load(url);
  if (typeof picture === 'string') {
    URL.revokeObjectURL(url);
  }
  return picture;
}

async function load(url: string): Promise<Picture | PhotoRejection> {
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    // As it is to be seen: turned, if the camera said so.
    const { naturalWidth: width, naturalHeight: height } = image;
    // Before it is unpacked: a small file can be a huge image.
    const rejection = sizeRejection(width, height);
    if (rejection !== null) {
      return rejection;
    }
    await image.decode();
    return { url, image, width, height };
  } catch {
    return 'NOT_AN_IMAGE';
  }
}

export function sizeRejection(width: number, height: number): PhotoRejection | null {
  if (width * height > MOST_PIXELS) {
    return 'TOO_LARGE';
  }
  return Math.min(width, height) < LEAST_SIDE ? 'TOO_SMALL' : null;
}

/** What a file is by its first bytes, whatever its name says: one that can be a photo, another image, or neither. */
export function kindOf(head: Uint8Array): 'photo' | 'image' | 'neither' {
  const begins = (bytes: readonly number[], at = 0) => bytes.every((byte, index) => head[at + index] === byte);
  const says = (text: string, at = 0) =>
    begins(
      [...text].map((character) => character.charCodeAt(0)),
      at,
    );
  if (begins([0xff, 0xd8, 0xff]) || begins([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) {
    return 'photo';
  }
  const isOther =
    says('GIF8') ||
    (says('RIFF') && says('WEBP', 8)) ||
    says('ftyp', 4) ||
    says('BM') ||
    says('II*\0') ||
    says('MM\0*');
  return isOther ? 'image' : 'neither';
}
