import { Buffer } from 'node:buffer';
import { same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company } from '../stage/people.mjs';
import { colourAt, dropPhoto, isNear, portrait, turned } from '../stage/photo.mjs';

export const title = 'A photo is rejected with a reason, rotated as the camera recorded, cropped, saved and removed';

const SKY = [47, 111, 181];
const MEADOW = [58, 143, 92];

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const { page } = await stage.visit();
  await enter(page, acme.owner, '/profile');
  await page.getByLabel('Description').fill('Typed before the photo');

  const field = page.getByLabel('Photo', { exact: true });
  const small = await portrait(stage.browser, { colour: '#2f6fb5', width: 99, height: 300 });
  for (const [name, type, bytes, words] of [
    ['notes.jpg', 'image/jpeg', Buffer.from('Dear diary'), 'This file is not an image, or it is damaged.'],
    ['stamp.jpg', 'image/jpeg', small, 'The photo is too small: at least 100 × 100 pixels.'],
    [
      'phone.heic',
      'image/heic',
      Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
      'This browser cannot open this kind of image.',
    ],
  ]) {
    await field.setInputFiles({ name, mimeType: type, buffer: bytes });
    await until(
      () => field.getAttribute('aria-invalid'),
      (invalid) => invalid === 'true',
      `${name}: the fault at the field`,
    );
    await page.getByText(words).waitFor();
  }
  await stage.picture(page, 'photo-refused');
  stage.step('a file that is not a photo is rejected at the field, before any request');

  await dropPhoto(page, page.getByRole('heading', { name: 'My profile' }), {
    name: 'a.jpg',
    type: 'image/jpeg',
    bytes: small,
  });
  same(await page.getByLabel('Description').inputValue(), 'Typed before the photo', 'what was typed');
  stage.step('a file that is dropped outside of the field does not replace the page');

  // Stored sideways: the sky is at the left.
  const lying = await portrait(stage.browser, { colour: '#2f6fb5', right: '#3a8f5c', width: 900, height: 600 });
  await dropPhoto(page, page.locator('.photo-field'), { name: 'hike.jpg', type: 'image/jpeg', bytes: turned(lying) });
  const crop = page.getByRole('dialog', { name: 'Crop the photo' });
  const preview = crop.locator('canvas');
  await until(
    () => coloursOf(preview),
    ([top, bottom]) => isNear(top, SKY) && isNear(bottom, MEADOW),
    'sky above and meadow below in the preview',
  );
  const sides = await preview.evaluate(({ clientWidth, clientHeight }) => [clientWidth, clientHeight]);
  const mask = await crop.getByTestId('cropper').evaluate((element) => getComputedStyle(element).borderRadius);
  same([sides, mask], [[40, 40], '50%'], 'the size of the preview, and the shape of the mask');
  await crop.getByRole('slider', { name: 'Zoom' }).fill('2');
  await crop.getByRole('group').press('ArrowUp');
  await until(
    () => coloursOf(preview),
    ([, bottom]) => isNear(bottom, MEADOW),
    'the preview after a move',
  );
  await stage.picture(page, 'photo-crop');
  await crop.getByRole('slider', { name: 'Zoom' }).fill('1');
  await crop.getByRole('button', { name: 'Use this photo' }).click();
  await crop.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.reload();
  await heading(page, 'My profile').waitFor();
  const photo = page.locator('.photo-field img');
  await until(
    () => photo.evaluate((image) => image.naturalWidth),
    (width) => width > 0,
    'the photo',
  );
  const { x, y, width, height } = await photo.boundingBox();
  const shown = await page.screenshot();
  const [top, bottom] = await Promise.all(
    [0.08, 0.92].map((part) =>
      colourAt(stage.browser, shown, Math.round(x + width / 2), Math.round(y + height * part)),
    ),
  );
  same(
    [isNear(top, SKY), isNear(bottom, MEADOW)],
    [true, true],
    `sky above and meadow below (${top}; ${bottom})`,
  );
  await stage.picture(page, 'photo-saved');
  stage.step('the mask for cropping is round, and a preview shows the result in the size of a list');
  stage.step('a photo is shown upright, whatever its orientation in the file');

  await takesWhatTheBrowserOpens(stage, page);

  await page.getByRole('button', { name: 'Remove the photo' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.reload();
  await heading(page, 'My profile').waitFor();
  await page.getByLabel('Description').waitFor();
  same(await photo.count(), 0, 'photos after it was removed');
  stage.step('a photo can be removed');
}

/** The colours of a canvas near its top and its bottom. */
const coloursOf = (canvas) =>
  canvas.evaluate((element) => {
    const { width, height } = element;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(element, 0, 0);
    return [0.08, 0.92].map((part) => [...copy.getImageData(width / 2, height * part, 1, 1).data].slice(0, 3));
  });

/** Whatever file is chosen, a small JPEG is uploaded. */
async function takesWhatTheBrowserOpens(stage, page) {
  await page.evaluate(() => {
    globalThis.uploads = [];
    const { fetch } = globalThis;
    globalThis.fetch = async (input, init) => {
      const files =
        init?.body instanceof FormData ? [...init.body.values()].filter((part) => part instanceof File) : [];
      for (const file of files) {
        const { width, height } = await createImageBitmap(file);
        globalThis.uploads.push({ type: file.type, isSmall: file.size < 1_000_000, width, height });
      }
      return fetch(input, init);
    };
  });
  const phone = await portrait(stage.browser, { colour: '#b5532f', width: 8000, height: 6000 });
  for (const [name, type, bytes, side] of [
    // 48 megapixels, padded to the size of a detailed photo.
    ['IMG_0001.jpg', 'image/jpeg', Buffer.concat([phone, Buffer.alloc(12_000_000)]), 1024],
    ['picture.webp', 'image/webp', await portrait(stage.browser, { colour: '#2f6fb5', type: 'image/webp' }), 600],
    [
      'logo.svg',
      'image/svg+xml',
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="30" height="20"/></svg>',
      ),
      1024,
    ],
  ]) {
    await page.getByLabel('Photo', { exact: true }).setInputFiles({ name, mimeType: type, buffer: bytes });
    const crop = page.getByRole('dialog', { name: 'Crop the photo' });
    await crop.getByRole('button', { name: 'Use this photo' }).click();
    await crop.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save' }).click();
    const upload = await until(() => page.evaluate(() => globalThis.uploads.shift()), Boolean, `${name}: the upload`);
    same(upload, { type: 'image/jpeg', isSmall: true, width: side, height: side }, `${name}: what is sent`);
    await page.getByRole('button', { name: 'Save' }).and(page.locator(':not([aria-busy=true])')).waitFor();
    await until(
      () => page.locator('.photo-field img').getAttribute('src'),
      (src) => src?.includes('/photos/'),
      `${name}: the photo that the server made`,
    );
  }
  stage.step('large photos (48 megapixels, 12 MB), WebP and drawings are cropped, and a small JPEG is uploaded');
}
