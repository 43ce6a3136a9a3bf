import { check, until } from '../../clients/check.mjs';
import { checkTrap, hasFocus, tabTo } from '../stage/keyboard.mjs';
import { heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { portrait } from '../stage/photo.mjs';

export const title = 'The keyboard is enough to sign in, move switches, add an operator, crop their photo and save';

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { seats: 2 });
  await acme.operator(newcomer('Bob'), { isActive: true });
  await acme.operator(newcomer('Cy'));
  const { page } = await stage.visit();
  const { keyboard } = page;

  await page.goto('/');
  await until(() => hasFocus(page.getByLabel('E-mail')), Boolean, 'the focus on the first field');
  await keyboard.type(acme.owner.email);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await keyboard.type(acme.owner.password);
  await keyboard.press('Enter');
  await heading(page, 'Visitors').waitFor();
  stage.step('signs in');

  await tabTo(page, page.getByRole('link', { name: 'Skip to content' }));
  await stage.picture(page, 'keyboard-skip');
  await keyboard.press('Enter');
  await until(() => hasFocus(page.getByRole('main')), Boolean, 'the focus on the content');
  await tabTo(page, page.getByRole('link', { name: 'Operators' }));
  await keyboard.press('Enter');
  await heading(page, 'Operators').waitFor();
  stage.step('skips to the content, and reaches the menu');

  const [bob, cy] = ['Bob', 'Cy'].map((name) => page.getByRole('switch', { name: `Active: ${name}`, exact: true }));
  await cy.waitFor();
  await tabTo(page, cy);
  await keyboard.press('Space');
  const noSeat = page.getByRole('dialog', { name: 'No free seats' });
  await noSeat.getByRole('radio', { name: 'Bob' }).waitFor();
  await checkTrap(page, noSeat);
  await keyboard.press('Escape');
  await noSeat.waitFor({ state: 'detached' });
  check(await hasFocus(cy), 'the focus does not come back to the slider');
  stage.step('a dialog traps the focus until Escape, and returns it');

  await tabTo(page, bob);
  await keyboard.press('Space');
  await page.getByRole('switch', { name: 'Active: Bob', checked: false }).waitFor();
  check(await hasFocus(bob), 'the focus leaves the slider');
  await page.getByRole('status').filter({ hasText: 'Bob is now inactive.' }).waitFor();
  await tabTo(page, cy);
  await keyboard.press('Enter');
  await page.getByRole('switch', { name: 'Active: Cy', checked: true }).waitFor();
  await page.getByRole('status').filter({ hasText: 'Cy is now active.' }).waitFor();
  stage.step('moves a switch with Space or Enter, and the result is announced');

  await tabTo(page, page.getByLabel('Show', { exact: true }));
  await keyboard.type('Act');
  await bob.waitFor({ state: 'detached' });
  await tabTo(page, cy);
  await keyboard.press('Space');
  await cy.waitFor({ state: 'detached' });
  const list = page.getByRole('list', { name: 'Operators' });
  await until(
    () => list.evaluate((element) => element.contains(document.activeElement)),
    Boolean,
    'the focus in the list',
  );
  stage.step('keeps the position in the list when the focused item disappears');

  await tabTo(page, page.getByRole('link', { name: 'Add operator' }));
  await keyboard.press('Enter');
  await heading(page, 'New operator').waitFor();
  await tabTo(page, page.getByRole('radio', { name: 'Limited access' }));
  await keyboard.press('ArrowDown');
  check(await page.getByRole('radio', { name: 'Full access' }).isChecked(), 'the arrow key chooses no level');
  await crops(stage, page);
  await fills(page, { Name: 'Eve', 'Name visible to visitors': 'Eve at the desk', 'E-mail': newcomer('Eve').email });
  await tabTo(page, page.getByLabel('Description'));
  await keyboard.type('Shipping');
  await tabTo(page, page.getByRole('button', { name: 'Save' }));
  await keyboard.press('Enter');
  await page.getByText('Eve has been added. An invitation is on its way').waitFor();
  await page.getByRole('link', { name: 'Eve', exact: true }).waitFor();
  const photo = page.getByRole('listitem').filter({ hasText: 'Eve' }).locator('img');
  await until(
    () => photo.evaluate((image) => image.naturalWidth),
    (width) => width > 0,
    'the photo in the list',
  );
  stage.step('adds an operator, with a photo');

  await tabTo(page, page.getByRole('link', { name: 'Eve', exact: true }));
  await keyboard.press('Enter');
  await heading(page, 'Eve').waitFor();
  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await keyboard.type(' Novotná');
  await tabTo(page, page.getByRole('button', { name: 'Remove Eve' }));
  await keyboard.press('Enter');
  const remove = page.getByRole('dialog', { name: 'Remove Eve?' });
  await checkTrap(page, remove);
  await keyboard.press('Escape');
  await remove.waitFor({ state: 'detached' });
  check(await hasFocus(page.getByRole('button', { name: 'Remove Eve' })), 'the focus does not come back to the button');
  await tabTo(page, page.getByRole('link', { name: 'Plan' }));
  await keyboard.press('Enter');
  const leave = page.getByRole('dialog', { name: 'Leave without saving?' });
  await checkTrap(page, leave);
  await keyboard.press('Escape');
  await leave.waitFor({ state: 'detached' });
  await heading(page, 'Eve').waitFor();
  check((await page.getByLabel('Name', { exact: true }).inputValue()).endsWith(' Novotná'), 'the typed text is gone');
  stage.step('is asked before unsaved changes are lost, and can cancel');
}

async function crops(stage, page) {
  const { keyboard } = page;
  const choose = page.getByLabel('Photo', { exact: true });
  const bytes = await portrait(stage.browser, { colour: '#3a8f5c' });
  await tabTo(page, choose);
  const chooser = page.waitForEvent('filechooser');
  await keyboard.press('Space');
  await (await chooser).setFiles({ name: 'eve.jpg', mimeType: 'image/jpeg', buffer: bytes });
  const crop = page.getByRole('dialog', { name: 'Crop the photo' });
  await crop.getByRole('slider', { name: 'Zoom' }).waitFor();
  await checkTrap(page, crop);
  await tabTo(page, crop.getByRole('group', { name: 'Part of the photo that is used' }));
  const where = () => crop.locator('img').evaluate((image) => image.style.transform);
  const before = await where();
  await keyboard.press('ArrowRight');
  await until(where, (transform) => transform !== before, 'a photo that moves');
  await tabTo(page, crop.getByRole('slider', { name: 'Zoom' }));
  const size = () => crop.getByRole('slider', { name: 'Zoom' }).inputValue();
  const first = Number(await size());
  await keyboard.press('ArrowRight');
  check(Number(await size()) > first, 'the arrow key does not change the size');
  await stage.picture(page, 'keyboard-crop');
  await tabTo(page, crop.getByRole('button', { name: 'Use this photo' }));
  await keyboard.press('Enter');
  await crop.waitFor({ state: 'detached' });
  await until(() => hasFocus(choose), Boolean, 'the focus back on the choice of a photo');
  stage.step('chooses a photo and crops it');
}

async function fills(page, fields) {
  for (const [label, text] of Object.entries(fields)) {
    await tabTo(page, page.getByLabel(label, { exact: true }));
    await page.keyboard.type(text);
  }
}
