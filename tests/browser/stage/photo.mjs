// Real pictures, drawn by the browser, and their colours.
import { Buffer } from 'node:buffer';

/**
 * A portrait as from a camera: not square, with a background of a known colour. With `right`, the
 * picture has no person, and its right half has that colour.
 */
export async function portrait(browser, { colour, right = null, width = 900, height = 600, type = 'image/jpeg' }) {
  const url = await inBlank(browser, async (page) =>
    page.evaluate(
      ([fill, half, w, h, format]) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
        const context = canvas.getContext('2d');
        context.fillStyle = fill;
        context.fillRect(0, 0, w, h);
        context.fillStyle = half ?? '#f4efe6';
        if (half) {
          context.fillRect(w / 2, 0, w / 2, h);
        } else {
          context.arc(w / 2, h * 0.4, h * 0.18, 0, 2 * Math.PI);
          context.ellipse(w / 2, h, h * 0.33, h * 0.35, 0, 0, 2 * Math.PI);
          context.fill();
        }
        return canvas.toDataURL(format, 0.92);
      },
      [colour, right, width, height, type],
    ),
  );
  return Buffer.from(url.split(',')[1], 'base64');
}

/**
 * The same JPEG with Exif data that rotates it by 90 degrees clockwise: its left side is at the
 * top.
 */
export function turned(jpeg) {
  const exif = Buffer.from(
    '457869660000' + '4d4d002a00000008' + '0001' + '0112000300000001' + '00060000' + '00000000',
    'hex',
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(exif.length + 2);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from('ffe1', 'hex'), length, exif, jpeg.subarray(2)]);
}

/** Drops a file on an element, as from a folder. */
export async function dropPhoto(page, target, { name, type, bytes }) {
  const dataTransfer = await page.evaluateHandle(
    ([file, mime, data]) => {
      const transfer = new DataTransfer();
      transfer.items.add(
        new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], file, { type: mime }),
      );
      return transfer;
    },
    [name, type, bytes.toString('base64')],
  );
  await target.dispatchEvent('dragover', { dataTransfer });
  await target.dispatchEvent('drop', { dataTransfer });
}

/** The colour at a point of a picture: `[red, green, blue]`. */
export function colourAt(browser, png, x, y) {
  return inBlank(browser, (page) =>
    page.evaluate(
      async ([data, left, top]) => {
        const image = Object.assign(new Image(), { src: `data:image/png;base64,${data}` });
        await image.decode();
        const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return [...context.getImageData(left, top, 1, 1).data].slice(0, 3);
      },
      [png.toString('base64'), x, y],
    ),
  );
}

export const isNear = (colour, wanted) => colour.every((part, index) => Math.abs(part - wanted[index]) < 24);

async function inBlank(browser, act) {
  const page = await browser.newPage();
  try {
    return await act(page);
  } finally {
    await page.close();
  }
}
