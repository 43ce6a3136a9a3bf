import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { dropPhoto, portrait } from '../stage/photo.mjs';

export const title =
  'An invited operator chooses a password, is signed in and shows who they are; an expired link leads to a new one';

const DAY_MS = 86_400_000;
const VALID_DAYS = 9;

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { seats: 3 });
  await isWelcomed(stage, acme);
  await takesOver(stage, acme);
  await findsNothing(stage, acme);
  await comesLate(stage);
}

const password = (page) => page.getByLabel('New password', { exact: true });
const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

async function isWelcomed(stage, acme) {
  const eve = await acme.operator(newcomer('Eve Invited'), { invited: true });
  const link = await stage.deskbell.mailedLink(eve.email, '/accept-invitation');
  const token = link.split('token=')[1];
  const visit = await stage.visit({ narrow: true });
  const { page } = visit;
  const addresses = [];
  visit.context.on('request', (request) => addresses.push(request.url()));
  visit.forgive(/Failed to load resource/);

  await page.route('**/graphql', (route) => route.abort());
  await page.goto(link);
  await page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' }).waitFor();
  same(await page.getByRole('textbox').count(), 0, 'fields before the link is checked');
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).click();
  await heading(page, 'Choose your password').waitFor();
  await page
    .getByText(`Ada Lovelace invites you to Acme as Eve Invited. You will sign in with ${eve.email}.`)
    .waitFor();
  await until(() => isFocused(password(page)), Boolean, 'the focus on the field');
  same(page.url(), `${stage.deskbell.base}/accept-invitation`, 'the address, without the token');
  await stage.picture(page, 'accept-invitation-360');
  stage.step('the page checks the link, also after a failed attempt, and shows who invites whom to what');

  await password(page).fill('password');
  await password(page).press('Enter');
  await until(
    () => password(page).getAttribute('aria-invalid'),
    (invalid) => invalid === 'true',
    'the fault, at the field',
  );
  await password(page).fill(eve.password);
  await password(page).press('Enter');
  await heading(page, 'Welcome, Eve Invited').waitFor();
  await until(() => isFocused(heading(page, 'Welcome, Eve Invited')), Boolean, 'the focus on the heading');
  same(page.url(), `${stage.deskbell.base}/welcome`, 'the address of the next page');
  await page.getByText('Visitors see this once the operator is active.').waitFor();
  stage.step('with the password the operator is signed in');

  await dropPhoto(page, page.locator('.photo-field'), {
    name: 'eve.jpg',
    type: 'image/jpeg',
    bytes: await portrait(stage.browser, { colour: '#2f6fb5' }),
  });
  const crop = page.getByRole('dialog', { name: 'Crop the photo' });
  await crop.getByRole('button', { name: 'Use this photo' }).click();
  await crop.waitFor({ state: 'hidden' });
  await page.getByLabel('Name visible to visitors').fill('Eve');
  const description = page.getByLabel('Description');
  await description.fill('x'.repeat(201));
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await page.getByText('At most 200 characters.').waitFor();
  await description.fill('Shipping and customs');
  await stage.picture(page, 'welcome-360');
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await heading(page, 'Visitors').waitFor();
  const seen = (await acme.operators()).find(({ name }) => name === eve.name);
  same([seen.publicName, seen.description], ['Eve', 'Shipping and customs'], 'what was saved');
  await page.reload();
  await heading(page, 'Visitors').waitFor();
  stage.step('photo, public name and description are the next step, and then the operator is at home');

  await page.goBack();
  await heading(page, 'Welcome, Eve Invited').waitFor();
  same(await page.getByLabel('Name visible to visitors').inputValue(), 'Eve', 'the saved name');
  await page.goto(link);
  await page.getByRole('alert').filter({ hasText: 'This link does not work.' }).waitFor();
  await page.getByText('ask the person who invited you').waitFor();
  same(await page.getByRole('textbox').count(), 0, 'fields for a link that was used');
  stage.step('the link works once');
  check(addresses.length > 0 && !addresses.some((address) => address.includes(token)), 'the token was in an address');
}

/** Another operator is signed in where the link is opened. */
async function takesOver(stage, acme) {
  const fay = await acme.operator(newcomer('Fay Invited'), { invited: true });
  const { page } = await stage.visit({ dark: true });
  await enter(page, acme.owner);
  await page.goto(await stage.deskbell.mailedLink(fay.email, '/accept-invitation'));
  await page.getByRole('status').filter({ hasText: 'In this browser, Ada Lovelace is signed in.' }).waitFor();
  await password(page).fill(fay.password);
  await stage.picture(page, 'accept-invitation-dark');
  await page.getByRole('button', { name: 'Save password and sign in' }).click();
  await heading(page, 'Welcome, Fay Invited').waitFor();
  await stage.picture(page, 'welcome-dark');
  same(await page.getByRole('link', { name: 'Operators' }).count(), 0, 'links to the settings');
  await page.getByRole('link', { name: 'Skip for now' }).press('Enter');
  await heading(page, 'Visitors').waitFor();
  await page.getByText('Fay Invited').waitFor();
  stage.step('a browser that another operator uses warns, and then belongs to the invited one, who may skip the step');
}

async function findsNothing(stage, acme) {
  const gil = await acme.operator(newcomer('Gil Invited'), { invited: true });
  const link = await stage.deskbell.mailedLink(gil.email, '/accept-invitation');
  const { page } = await stage.visit();
  await page.goto(link);
  await password(page).fill(gil.password);
  await acme.remove(gil);
  await page.getByRole('button', { name: 'Save password and sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'This link does not work.' }).waitFor();
  await page.getByText('ask the person who invited you').waitFor();
  same(await page.getByRole('textbox').count(), 0, 'fields for a link that was revoked');
  await stage.picture(page, 'accept-invitation-unknown');
  stage.step('a link that stops working while the page is open leads to the person who invited');
}

async function comesLate(stage) {
  const settings = { DESKBELL_INVITATION_TTL: `${VALID_DAYS}d` };
  const before = await stage.server({ settings });
  const acme = await company(before.base);
  const ida = await acme.operator(newcomer('Ida Invited'), { invited: true });
  const old = await before.mailedLink(ida.email, '/accept-invitation');
  same(await before.stop(), [], 'complaints of the first server');
  expireInvitations(before.folder);
  const server = await stage.server({ folder: before.folder, settings });

  const { page } = await stage.visit({ deskbell: server });
  const expired = `/accept-invitation#token=${old.split('token=')[1]}`;
  await page.goto(expired);
  await page.getByText('This invitation has expired.').waitFor();
  same(await page.getByRole('textbox').count(), 0, 'fields for a link that has expired');
  same(await page.getByText(ida.email).count() + (await page.getByText('Acme').count()), 0, 'what it discloses');
  await stage.picture(page, 'accept-invitation-expired');
  await page.getByRole('button', { name: 'Mail a new link' }).press('Enter');
  await page.getByRole('status').filter({ hasText: 'A new link is on its way' }).waitFor();
  await until(() => isFocused(heading(page, 'Your invitation')), Boolean, 'the focus on the heading');
  const renewed = await server.mailedLink(ida.email, '/accept-invitation');
  stage.step('an expired link offers to mail a new one to the same address');

  const other = await stage.visit({ deskbell: server, narrow: true });
  await other.page.goto(expired);
  await other.page.getByRole('alert').filter({ hasText: 'was replaced by a newer one' }).waitFor();
  await page.goto(renewed);
  await password(page).fill(ida.password);
  await password(page).press('Enter');
  await heading(page, 'Welcome, Ida Invited').waitFor();
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await heading(page, 'Visitors').waitFor();
  stage.step('the new link works in the same tab, and the old one does not');
}

/**
 * Lets the invitations of a stopped server expire: its database has times as text, and only they
 * end after so many days.
 */
function expireInvitations(folder) {
  const file = join(folder, 'deskbell.db');
  const day = (offset) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, '2026-01-01'.length);
  let text = readFileSync(file, 'latin1');
  const ends = [VALID_DAYS - 1, VALID_DAYS].map(day).filter((end) => text.includes(end));
  check(ends.length > 0, 'no invitation ends in the file');
  for (const end of ends) {
    text = text.replaceAll(end, day(-2));
  }
  writeFileSync(file, text, 'latin1');
}
