import { check, same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title = 'Recovery links lead to a new password, once, and an invited operator can request one';

const PATH = '/recover-password';
const TITLE = 'Choose a new password';

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const eva = await acme.operator(newcomer('Eva Invited'), { invited: true });

  const forgetful = await stage.visit({ narrow: true });
  const { page } = forgetful;
  await page.goto('/');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await heading(page, 'Reset your password').waitFor();
  await page.getByLabel('E-mail').fill(acme.owner.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await page.getByRole('status').filter({ hasText: acme.owner.email }).waitFor();
  await stage.picture(page, 'forgotten-password-sent');
  stage.step('an operator with a forgotten password requests a link');

  await choose(stage, acme.owner);
  await asksForAnother(stage, eva);
}

/** An invited operator with a truncated link requests a new one. */
async function asksForAnother(stage, person) {
  const { page } = await stage.visit({ narrow: true });
  for (const token of ['none', `dbl_${'A'.repeat(42)}`, `dbl_${'A'.repeat(42)}%20and%20more`]) {
    await page.goto(`/accept-invitation#token=${token}`);
    await page.getByRole('alert').filter({ hasText: 'This link is incomplete.' }).waitFor();
    await page.getByRole('link', { name: 'Request a new link' }).waitFor();
    same(await page.getByRole('textbox').count(), 0, 'fields for a token that is too short');
  }
  stage.step('a truncated link says so before a password is typed, and offers a new one');

  const field = page.getByLabel('New password', { exact: true });
  await page.getByRole('link', { name: 'Request a new link' }).click();
  await heading(page, 'Reset your password').waitFor();
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  const mailed = await stage.deskbell.mailedLink(person.email, PATH);
  // As rewritten by mail filters. If the server serves the page for this path, the page repairs it.
  await page.route(/%23token=/, async (route) => {
    route.fulfill({ response: await route.fetch({ url: `${stage.deskbell.base}${PATH}` }) });
  });
  await page.goto(mailed.replace('#', '%23'));
  await heading(page, TITLE).waitFor();
  same(page.url(), `${stage.deskbell.base}${PATH}`, 'the repaired address, without the token');
  await field.fill(person.password);
  await page.getByRole('button', { name: 'Save password' }).click();
  await page.getByRole('status').filter({ hasText: 'Your password is set.' }).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await enter(page, person);
  stage.step('an invited operator with a truncated link requests a new one');
}

async function choose(stage, person) {
  const link = await stage.deskbell.mailedLink(person.email, PATH);
  const token = link.split('token=')[1];
  const visit = await stage.visit({ narrow: true });
  const { page } = visit;
  const addresses = [];
  visit.context.on('request', (request) => addresses.push(request.url()));

  await page.goto(PATH);
  await page.getByRole('alert').filter({ hasText: 'This link is incomplete.' }).waitFor();
  same(await page.getByRole('textbox').count(), 0, 'password fields without a token');
  stage.step(`${PATH} without a token shows an error`);

  // In the same tab, only the fragment changes, as when a link is pasted. With characters that mail
  // programs append.
  await page.goto(`${link}%E2%80%8B).`);
  await heading(page, TITLE).waitFor();
  const field = page.getByLabel('New password', { exact: true });
  await until(() => isFocused(field), Boolean, 'the focus on the field');
  await until(
    () => page.url(),
    (url) => url === `${stage.deskbell.base}${PATH}`,
    'the address, without the token',
  );
  await stage.picture(page, 'recover-password-360');
  stage.step(`${PATH} asks for a password and removes the token from the URL`);

  await field.fill('password');
  await page.getByRole('button', { name: 'Show: New password' }).click();
  same(await field.getAttribute('type'), 'text', 'the field that is shown');
  await page.getByRole('button', { name: 'Save password' }).click();
  await until(
    () => field.getAttribute('aria-invalid'),
    (invalid) => invalid === 'true',
    'the fault, at the field',
  );
  const described = await field.evaluate((element) =>
    element
      .getAttribute('aria-describedby')
      .split(' ')
      .map((id) => document.getElementById(id).innerText)
      .join(' '),
  );
  check(
    described.includes('too easy to guess') && described.includes('at least 12 characters'),
    `the fault: ${described}`,
  );
  await until(() => isFocused(field), Boolean, 'the focus on the field with the fault');
  await stage.picture(page, 'recover-password-weak');
  stage.step(`${PATH} rejects a weak password at the field`);

  const password = `ledger-${token.slice(0, 8)}-heron-quilt`;
  await field.fill(password);
  await field.press('Enter');
  await page.getByRole('status').filter({ hasText: 'Your password is set.' }).waitFor();
  same(await page.getByRole('textbox').count(), 0, 'fields after the password was set');
  await stage.picture(page, 'recover-password-done');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await enter(page, { ...person, password });
  stage.step(`${PATH} sets a good password, which can be used to sign in`);

  const late = await stage.visit({ dark: true });
  // Another operator is signed in there: the link still counts for its recipient.
  await enter(late.page, { ...person, password });
  await late.page.goto(link);
  await late.page.getByLabel('New password', { exact: true }).fill(`${password}-again`);
  await late.page.getByRole('button', { name: 'Save password' }).click();
  await late.page.getByRole('alert').filter({ hasText: 'was already used' }).waitFor();
  await late.page.getByRole('link', { name: 'Request a new link' }).waitFor();
  await stage.picture(late.page, 'recover-password-used');
  stage.step(`${PATH} works once`);

  check(addresses.length > 0 && !addresses.some((address) => address.includes(token)), 'the token was in an address');
}

const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);
