import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { same, until, within } from '../../clients/check.mjs';
import { databaseIn, environment } from '../../clients/deskbell.mjs';
import { hasFocus } from '../stage/keyboard.mjs';
import { enter, heading, menu, signIn } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title =
  'A session that ends elsewhere shows the sign-in page at once, and keeps typed text for the same operator';

/** A page is covered within this time after its session has ended. */
const AT_ONCE_MS = 3_000;
/** The same if another process has ended the session. */
const SOON_MS = 10_000;

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const dana = await acme.operator(newcomer('Dana'), { accessLevel: 'FULL' });
  const desk = await stage.visit();
  const { page } = desk;
  const name = page.getByRole('textbox', { name: 'Company' });
  const ended = page.getByRole('dialog', { name: 'Please sign in again' });
  await enter(page, acme.owner, '/settings/account');
  await name.fill('Acme & Daughters');

  const elsewhere = await stage.visit();
  const password = await changePassword(elsewhere.page, acme.owner);
  await ended.waitFor({ timeout: AT_ONCE_MS });
  same(await ended.getByLabel('E-mail').inputValue(), acme.owner.email, 'the address in the dialog');
  await until(() => hasFocus(ended.getByLabel('Password', { exact: true })), Boolean, 'the focus on the password');
  await stage.picture(page, 'session-ended');
  stage.step('a password that is changed elsewhere covers the page at once');

  await signIn(ended, acme.owner);
  await ended.getByRole('alert').filter({ hasText: 'The address or the password is wrong.' }).waitFor();
  await signIn(ended, { ...acme.owner, password });
  await ended.waitFor({ state: 'detached' });
  same(
    [await name.inputValue(), new URL(page.url()).pathname],
    ['Acme & Daughters', '/settings/account'],
    'what was typed',
  );
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  stage.step('the same operator continues with the typed text');

  await name.fill('Never saved');
  await resetPassword(stage, acme.owner);
  await ended.waitFor({ timeout: SOON_MS });
  stage.step('a password that is reset on the command line covers the page as well');

  await signIn(ended, dana);
  await ended.waitFor({ state: 'detached' });
  await page.getByRole('banner').getByText('Dana').waitFor();
  await heading(page, 'Company').waitFor();
  same(await name.inputValue(), 'Acme & Daughters', 'the name of the company');
  stage.step('another operator starts with a fresh page');

  const tab = await desk.context.newPage();
  await tab.goto('/profile');
  await tab.getByLabel('Description').fill('Typed by Dana');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading(page, 'Sign in').waitFor();
  const covered = tab.getByRole('dialog', { name: 'Please sign in again' });
  await covered.waitFor({ timeout: AT_ONCE_MS });
  await signIn(page, dana);
  await heading(page, 'Company').waitFor();
  await covered.waitFor({ state: 'detached' });
  same(await tab.getByLabel('Description').inputValue(), 'Typed by Dana', 'what was typed in the other tab');
  stage.step('a sign-out in one tab counts in all tabs, and so does the next sign-in');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading(page, 'Sign in').waitFor();
  await covered.waitFor({ timeout: AT_ONCE_MS });
  const sure = { ...acme.owner, password: `${acme.owner.password}-reset` };
  await signIn(page, sure);
  await page.getByRole('banner').getByText(acme.owner.name).waitFor();
  await tab.getByRole('banner').getByText(acme.owner.name).waitFor({ timeout: AT_ONCE_MS });
  same([await covered.count(), await tab.getByLabel('Description').inputValue()], [0, ''], 'rows of Dana');
  stage.step("a sign-in in one tab counts in the others, and they drop the previous operator's data");

  await tab.getByLabel('Description').fill('Typed by the owner');
  await tab.getByRole('button', { name: 'Sign out' }).click();
  const leaving = tab.getByRole('dialog', { name: 'Leave without saving?' });
  await leaving.getByRole('button', { name: 'Stay here' }).click();
  same(await tab.getByLabel('Description').inputValue(), 'Typed by the owner', 'the text of the operator who stayed');
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await leaving.getByRole('button', { name: 'Leave' }).click();
  await heading(tab, 'Sign in').waitFor();
  stage.step('signing out asks before unsaved changes are lost');
}

/** Returns the new password. */
async function changePassword(page, person) {
  const password = `${person.password}-changed`;
  await enter(page, person);
  await menu(page).getByRole('link', { name: 'My profile' }).click();
  await page.getByLabel('Current password', { exact: true }).fill(person.password);
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password has been changed.').waitFor();
  return password;
}

/**
 * As an administrator does it: on the command line, next to the running server, on the same
 * database.
 */
async function resetPassword(stage, { email, password }) {
  const program = spawn(stage.binary, ['operator', 'reset-password', email, '--password-stdin'], {
    cwd: stage.folder,
    env: { ...environment, DESKBELL_DATABASE_URL: databaseIn(stage.folder) },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  program.stdin.end(`${password}-reset\n`);
  const [code] = await within(once(program, 'exit'), 'the end of reset-password', 30_000);
  same(code, 0, 'its exit status');
}
