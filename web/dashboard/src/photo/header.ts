// Reads the first bytes of a file, before the image is decoded.

/**
 * The kind of a file, by content and not by name: JPEG or PNG, which every browser opens; another
 * image; or no image.
 */
export function kindOf(bytes: Uint8Array): 'jpeg' | 'png' | 'other' | null {
  const begins = (wanted: readonly number[]) => wanted.every((byte, index) => bytes[index] === byte);
  const says = (text: string, at = 0) => [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
  if (begins([0xff, 0xd8, 0xff])) {
    return 'jpeg';
  }
  if (begins([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) {
    return 'png';
  }
  const isOther =
    says('GIF8') ||
    (says('RIFF') && says('WEBP', 8)) ||
    says('ftyp', 4) ||
    says('BM') ||
    says('II*\0') ||
    says('MM\0*');
  return isOther ? 'other' : null;
}

export interface Size {
  width: number;
  height: number;
}

/** The size in the header of a JPEG or PNG; null if there is none. */
export function sizeOf(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (kindOf(bytes)) {
      case 'png':
        // The header chunk always comes first.
        return { width: view.getUint32(16), height: view.getUint32(20) };
      case 'jpeg':
        return frameSize(view);
      default:
        return null;
    }
  } catch {
    // The file ends before the size.
    return null;
  }
}

/**
 * Walks over the segments of a JPEG to the frame header (ITU-T T.81, B.1.1 and B.2.2). Throws at
 * the end of the file.
 */
function frameSize(view: DataView): Size | null {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      // Fill bytes can precede a marker.
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
