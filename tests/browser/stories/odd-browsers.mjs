import { same } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title =
  'The dashboard handles odd languages, foreign cookies and pages that fail';

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const bob = await acme.operator(newcomer('Bob'));
  const path = `/settings/operators/${bob.id}`;

  const posix = await stage.visit();
  await posix.context.addInitScript(() => {
    for (const name of ['languages', 'language']) {
      const tag = 'en-US@posix';
      Object.defineProperty(navigator, name, { get: () => (name === 'languages' ? [tag] : tag) });
    }
  });
  await enter(posix.page, acme.owner, path);
  await heading(posix.page, 'Bob').waitFor();
  await posix.page.getByText('Last seen').waitFor();
  const added = await posix.page.getByText(new RegExp(`${new Date().getFullYear()}.* [AP]M`)).count();
  same(added > 0, true, 'a date as in the United States');
  stage.step('en-US@posix is American English');

  const pilsen = await stage.visit();
  await pilsen.page.goto('/sign-in');
  await pilsen.page.evaluate(() => {
    document.cookie = 'town=Plzeň; path=/';
  });
  await enter(pilsen.page, acme.owner, path);
  await heading(pilsen.page, 'Bob').waitFor();
  await pilsen.page.reload();
  await heading(pilsen.page, 'Bob').waitFor();
  same(pilsen.sockets.length > 0, true, 'sockets that carry the cookie');
  await acme.update(bob, { name: 'Robert' });
  await heading(pilsen.page, 'Robert').waitFor();
  await acme.update(bob, { name: 'Bob' });
  stage.step('a non-ASCII cookie of another application does not prevent a sign-in');

  const broken = await stage.visit();
  // React logs caught errors to the console.
  broken.forgive(/No dates today/, /error boundary|Error handled by React Router|React Router caught/);
  await broken.context.addInitScript(() => {
    Intl.DateTimeFormat = function DateTimeFormat() {
      throw new RangeError('No dates today');
    };
  });
  await enter(broken.page, acme.owner, path);
  await heading(broken.page, 'This page failed to load').waitFor();
  await broken.page.getByRole('alert').filter({ hasText: 'because of an error in the dashboard' }).waitFor();
  await broken.page.getByText('RangeError: No dates today').waitFor();
  same(await broken.page.getByText('has probably been updated').count(), 0, 'the text of another fault');
  await stage.picture(broken.page, 'page-that-throws');
  stage.step('a page that throws shows an error, and does not blame an update');
}
