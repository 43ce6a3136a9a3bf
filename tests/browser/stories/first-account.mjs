import { same } from '../../clients/check.mjs';
import { lookAround } from '../stage/looks.mjs';
import { heading } from '../stage/pages.mjs';
import { newcomer } from '../stage/people.mjs';
import { speaker } from '../stage/words.mjs';

export const title = 'A new server leads to its first account, which closes sign-up';

const en = speaker('en');

export async function story(stage) {
  // The default, which is another one for other stories.
  const server = await stage.server({ settings: { DESKBELL_SIGN_UP: '' } });
  const late = await stage.visit({ deskbell: server });
  await late.page.goto('/sign-up');
  await heading(late.page, 'Create the first account').waitFor();
  await lookAround(stage, late.page, 'sign-up-first');

  const { page } = await stage.visit({ deskbell: server });
  for (const path of ['/', '/sign-in', '/settings/operators']) {
    await page.goto(path);
    await heading(page, 'Create the first account').waitFor();
    same(new URL(page.url()).pathname, '/sign-up', `where ${path} leads`);
  }
  same(await page.getByRole('link').count(), 0, 'links, as no one can sign in');
  stage.step('without an account, every page leads to the form for the first one');

  await signUp(page, 'Ada Lovelace');
  await heading(page, 'Visitors').waitFor();
  await signUp(late.page, 'Bob');
  await heading(late.page, 'Sign-up is closed').waitFor();
  await late.page.getByText('Ask an operator with full access to invite you.').waitFor();
  await lookAround(stage, late.page, 'sign-up-closed');
  stage.step('the second user reads that sign-up is closed, and whom to ask');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading(page, 'Sign in').waitFor();
  await page.getByRole('link', { name: 'Forgot your password?' }).waitFor();
  await page.waitForLoadState('networkidle');
  same(await page.getByRole('link', { name: 'Create an account' }).count(), 0, 'links to sign up');
  same(new URL(page.url()).pathname, '/visitors', 'the page after signing out');
  await page.goto('/sign-up');
  await heading(page, 'Sign-up is closed').waitFor();
  stage.step('from then on, the sign-in page does not offer sign-up');

  await isOff(stage);
}

/** Fills in the form for a new account. */
async function signUp(page, name) {
  const person = newcomer(name);
  await page.getByLabel('Company').fill('Acme');
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

async function isOff(stage) {
  const server = await stage.server({ settings: { DESKBELL_SIGN_UP: 'off' } });
  for (const [locale, t] of [
    ['en-GB', en],
    ['cs-CZ', speaker('cs')],
  ]) {
    const { page } = await stage.visit({ deskbell: server, locale });
    for (const [path, name] of [
      ['/', t('signIn.title')],
      ['/sign-up', t('signUp.closedTitle')],
    ]) {
      await page.goto(path);
      await heading(page, name).waitFor();
      await page.getByText(t('signIn.noAccount', { command: 'deskbell account create' })).waitFor();
    }
    await page.goto('/');
    await page.getByText(t('signIn.noAccount', { command: 'deskbell account create' })).waitFor();
    await lookAround(stage, page, `sign-in-no-account-${locale}`);
  }
  stage.step('where sign-up is off, the pages name the command that creates the first account');
}
