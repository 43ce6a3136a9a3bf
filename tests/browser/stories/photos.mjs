import { Buffer } from 'node:buffer';
import { same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company } from '../stage/people.mjs';
import { colourAt, dropPhoto, isNear, portrait, turned } from '../stage/photo.mjs';

export const title = 'A photo is refused in words, turned as the camera held it, cropped, kept and removed';

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const { page } = await stage.somebody();
  await enter(page, acme.owner, '/profile');
  await page.getByLabel('Description').fill('Typed before the photo');

  const field = page.getByLabel('Photo', { exact: true });
  const small = await portrait(stage.browser, { colour: '#2f6fb5', width: 99, height: 300 });
  for (const [name, type, bytes, words] of [
    ['notes.jpg', 'image/jpeg', Buffer.from('Dear diary'), 'This file is not an image, or it is damaged.'],
    ['moving.gif', 'image/gif', Buffer.from('GIF89a'), 'Only JPEG and PNG, please.'],
    ['stamp.jpg', 'image/jpeg', small, 'The photo is too small: at least 100 × 100 pixels.'],
    [
      'poster.jpg',
      'image/jpeg',
      Buffer.alloc(5 * 1024 * 1024 + 1),
      'The photo is too large: at most 5 MB and 40 megapixels.',
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
  stage.step('what is no photo is refused at the field, before anything is sent');

  await dropPhoto(page, page.getByRole('heading', { name: 'My profile' }), {
    name: 'a.jpg',
    type: 'image/jpeg',
    bytes: small,
  });
  same(await page.getByLabel('Description').inputValue(), 'Typed before the photo', 'what was typed');
  stage.step('a file that is dropped beside the field does not take the page away');

  // Stored as it lay in the camera: the sky at the left.
  const lying = await portrait(stage.browser, { colour: '#2f6fb5', right: '#3a8f5c', width: 900, height: 600 });
  await dropPhoto(page, page.locator('.photo-field'), { name: 'hike.jpg', type: 'image/jpeg', bytes: turned(lying) });
  const crop = page.getByRole('dialog', { name: 'Crop the photo' });
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
    [isNear(top, [47, 111, 181]), isNear(bottom, [58, 143, 92])],
    [true, true],
    `sky above and meadow below (${top}; ${bottom})`,
  );
  await stage.picture(page, 'photo-saved');
  stage.step('a photo is shown upright, however the camera held it');

  await page.getByRole('button', { name: 'Remove the photo' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.reload();
  await heading(page, 'My profile').waitFor();
  await page.getByLabel('Description').waitFor();
  same(await photo.count(), 0, 'photos after it was removed');
  stage.step('and it can be removed');
}
