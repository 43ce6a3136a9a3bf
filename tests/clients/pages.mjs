// The page that mails lead to, in Chromium: a password too weak, a good one, and the link used up.
// Wants a fresh single-use token and the address it belongs to:
//   TOKEN=… EMAIL=ada@example.com [PAGE=/accept-invitation] node pages.mjs http://127.0.0.1:8080
import { randomBytes } from 'node:crypto';
import { checkFaultless, launch, open, picture, until } from './browser.mjs';
import { ask, base, check, same, story } from './server.mjs';

const { TOKEN, EMAIL, PAGE = '/recover-password' } = process.env;
if (!TOKEN || !EMAIL) {
  console.error('TOKEN (fresh, from a mail) and EMAIL (whose it is) must be set');
  process.exit(2);
}
const TITLES = { '/recover-password': 'Choose a new password', '/accept-invitation': 'Choose your password' };

/** What its pictures are called by. */
const name = PAGE.slice(1);

await story(`The page ${PAGE}`, 7, async (step) => {
  const browser = await launch();
  const { page, faults } = await open(browser, { viewport: { width: 360, height: 740 } });
  const [field, fieldProblem, problem, done] = ['#new-password', '#field-problem', '#problem', '#done'].map((id) =>
    page.locator(id),
  );
  const addresses = [];
  page.on('request', (request) => addresses.push(request.url()));

  await page.goto(`${base}${PAGE}`);
  await until(() => problem.innerText(), (text) => text.includes('not complete'), 'word of the missing token');
  check(!(await field.isVisible()), 'there is a form although there is no token');
  step('a link without a token says so');

  // The fragment alone would change nothing in a page that is open.
  await page.goto('about:blank');
  await page.goto(`${base}${PAGE}#token=${TOKEN}`);
  await field.waitFor();
  same(await page.locator('h1').innerText(), TITLES[PAGE], 'the heading');
  same(page.url(), `${base}${PAGE}`, 'the address, without the token');
  check(await field.evaluate((element) => element === document.activeElement), 'the field has no focus');
  same(await page.evaluate(() => document.documentElement.scrollWidth), 360, 'the width it takes of 360 px');
  await picture(page, `${name}-360`);
  step('the page asks for a password and takes the token out of the address');

  await field.fill('password');
  await page.getByRole('button', { name: 'Show' }).click();
  same(await field.getAttribute('type'), 'text', 'the field after Show');
  await page.getByRole('button', { name: 'Hide' }).click();
  same(await field.getAttribute('type'), 'password', 'the field after Hide');
  step('the password can be shown and hidden');

  await page.getByRole('button', { name: 'Save password' }).click();
  await until(() => fieldProblem.innerText(), (text) => text.trim() !== '', 'the fault, at the field');
  same(await field.getAttribute('aria-invalid'), 'true', 'aria-invalid');
  check(await field.evaluate((element) => element === document.activeElement), 'the field has no focus after its fault');
  check(!(await problem.isVisible()), `a fault of the field is told elsewhere: ${await problem.innerText()}`);
  same(await done.innerText(), '', 'word of success');
  await picture(page, `${name}-weak`);
  step('a weak password is told at the field');

  const password = `ledger-${randomBytes(12).toString('base64url')}-heron`;
  await field.fill(password);
  await field.press('Enter');
  await until(() => done.innerText(), (text) => text.includes('is set'), 'word of success');
  check(!(await field.isVisible()), 'the form is still there');
  await picture(page, `${name}-done`);
  const { signIn } = await ask(
    `mutation SignIn($input: SignInInput!) {
      signIn(input: $input) { viewer { email } userErrors { __typename } }
    }`,
    { input: { email: EMAIL, password, transport: 'TOKEN' } },
  );
  same(signIn, { viewer: { email: EMAIL }, userErrors: [] }, 'signing in with the new password');
  step('a good password is taken, and signs in');

  const dark = await open(browser, { viewport: { width: 800, height: 700 }, colorScheme: 'dark' });
  await dark.page.goto(`${base}${PAGE}#token=${TOKEN}`);
  await dark.page.locator('#new-password').fill(`${password}-again`);
  await picture(dark.page, `${name}-dark`);
  await dark.page.getByRole('button', { name: 'Save password' }).click();
  await until(() => dark.page.locator('#problem').innerText(), (text) => text.trim() !== '', 'the refusal of a used link');
  same(await dark.page.locator('#done').innerText(), '', 'word of success');
  await picture(dark.page, `${name}-used`);
  step('the link works once');

  check(addresses.length > 0 && !addresses.some((address) => address.includes(TOKEN)), 'the token was in an address');
  checkFaultless([...faults, ...dark.faults]);
  step('asked nobody else, broke no policy and logged no error');

  await browser.close();
});
