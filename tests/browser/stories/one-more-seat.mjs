import { check, same } from '../../clients/check.mjs';
import { lookAround } from '../stage/looks.mjs';
import { enter, heading, menu } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { enterAs } from '../stage/scenes.mjs';
import { speaker } from '../stage/words.mjs';

export const title = 'An operator is added without a free seat, and gets one with two clicks';

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const { page } = await stage.visit();
  await enter(page, acme.owner, '/settings/operators/new');
  await page.getByLabel('Name', { exact: true }).fill('Eve');
  const { email } = newcomer('Eve');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('checkbox', { name: 'Activate immediately' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'No free seats' });
  await dialog.getByText(`Eve has been added. An invitation is on its way to ${email}.`).waitFor();
  same(await page.locator('.toast').count(), 0, 'messages behind the dialog');
  same(await dialog.getByRole('radio', { name: acme.owner.name }).isChecked(), true, 'the only candidate is chosen');
  await checkPrimary(dialog, ['Change the plan']);
  await lookAround(stage, page, 'operator-added-no-seat');
  stage.step('the dialog shows the news, the only candidate is chosen, and a larger plan comes first');

  await dialog.getByRole('link', { name: 'Change the plan' }).click();
  await heading(page, 'Plan').waitFor();
  const get = page.getByRole('button', { name: 'Get 2 seats and activate Eve' });
  await get.waitFor();
  same(await page.getByRole('radio', { name: 'Mini' }).isChecked(), true, 'the next size');
  await lookAround(stage, page, 'plan-next-size');
  await menu(page).getByRole('link', { name: 'Company' }).click();
  await heading(page, 'Company').waitFor();
  await page.goBack();
  await page.getByLabel('Seats', { exact: true }).fill('3');
  await page.getByRole('button', { name: 'Get 3 seats and activate Eve' }).waitFor();
  await page.getByRole('radio', { name: 'Free' }).check();
  await page.getByRole('button', { name: 'Change plan' }).and(page.locator('[aria-disabled=true]')).waitFor();
  await page.getByRole('radio', { name: 'Mini' }).check();
  stage.step('the next size is proposed, any other can be chosen, and leaving needs no confirmation');

  await get.click();
  await heading(page, 'Operators').waitFor();
  await page.getByRole('switch', { name: 'Active: Eve', checked: true }).waitFor();
  await page.getByText('2 of 2 active').waitFor();
  await page.getByRole('status').filter({ hasText: 'Eve is now active.' }).waitFor();
  const unseen = 'Not shown to visitors until the first sign-in.';
  same(await page.getByRole('listitem').filter({ hasText: unseen }).getByRole('link').allInnerTexts(), ['Eve'], unseen);
  stage.step('one button changes the plan, activates the operator, and comes back to the operators');

  await losesSeatAndFindsAnother(stage, page, acme);
  await movesTheSeat(stage);
}

/** While the plan page is open, a seat becomes free. */
async function losesSeatAndFindsAnother(stage, page, acme) {
  const bob = await acme.operator(newcomer('Bob'));
  const cy = await acme.operator(newcomer('Cy'));
  await page.goto('/settings/operators?search=Bob');
  await page.getByRole('switch', { name: 'Active: Bob' }).click();
  const dialog = page.getByRole('dialog', { name: 'No free seats' });
  await dialog.getByRole('radio').nth(1).waitFor();
  same(await dialog.getByRole('radio', { checked: true }).count(), 0, 'choices among several candidates');
  await checkPrimary(dialog, ['Move the seat']);
  await dialog.getByRole('link', { name: 'Change the plan' }).click();
  await page.getByRole('button', { name: 'Get 3 seats and activate Bob' }).waitFor();
  await acme.changePlan('MINI', 3);
  await page.getByRole('button', { name: 'Activate Bob' }).waitFor();
  await acme.activate(cy);
  await page.getByRole('button', { name: 'Get 4 seats and activate Bob' }).click();
  await heading(page, 'Operators').waitFor();
  await page.getByRole('switch', { name: 'Active: Bob', checked: true }).waitFor();
  check(page.url().endsWith('?search=Bob'), `the list comes back without its search: ${page.url()}`);
  await page.goBack();
  await heading(page, 'Plan').waitFor();
  await page.getByRole('button', { name: 'Change plan' }).and(page.locator('[aria-disabled=true]')).waitFor();
  await acme.remove(bob);
  stage.step('the number of seats follows changes by others, and is not offered again for an active operator');
}

/** The single seat, in Czech. */
async function movesTheSeat(stage) {
  const t = speaker('cs');
  const acme = await company(stage.deskbell.base);
  await acme.operator(newcomer('Ivo'));
  const { page } = await stage.visit({ locale: 'cs-CZ', narrow: true, dark: true });
  await enterAs(page, t, acme.owner);
  await page.goto('/settings/operators');
  await page.getByRole('switch', { name: t('operators.switch', { name: 'Ivo' }), exact: true }).click();
  const dialog = page.getByRole('dialog', { name: t('noSeat.title') });
  await dialog.getByRole('radio', { checked: true }).waitFor();
  await stage.picture(page, 'cs-operators-no-seat-one');
  await dialog.getByRole('button', { name: t('noSeat.move') }).click();
  await page.getByText(t('noSeat.moved', { from: acme.owner.name, to: 'Ivo' })).waitFor();
  stage.step('the only seat is moved with one click');
}

/** Checks which buttons and links of a dialog stand out. */
async function checkPrimary(dialog, names) {
  same(await dialog.locator('.primary').allInnerTexts(), names, 'the primary buttons');
}
