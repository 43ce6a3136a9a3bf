import { check, same, until } from '../../clients/check.mjs';
import { enter, heading, menu } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title = 'An operator with limited access can reach only the pages that they may use';

const SETTINGS = ['/settings', '/settings/operators', '/settings/operators/new', '/settings/plan', '/settings/account'];

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { seats: 2 });
  const bob = await acme.operator(newcomer('Bohumil Novák'), { publicName: 'Bob' });
  const dana = await acme.operator(newcomer('Dana Whitfield'), { accessLevel: 'FULL' });
  const visit = await stage.visit();
  const { page } = visit;

  await enter(page, bob);
  await heading(page, 'Visitors').waitFor();
  same(await menu(page).getByRole('link').allInnerTexts(), ['Visitors', 'My profile'], 'the menu');
  const notice = page.getByRole('status').filter({ hasText: 'You are inactive. Visitors cannot chat with you.' });
  await notice.getByText('Ask an operator with full access to activate you.').waitFor();
  same(await page.getByRole('main').getByRole('button').count(), 0, 'buttons next to the notice');
  await stage.picture(page, 'visitors-limited-inactive');
  stage.step('an inactive operator sees this, and whom to ask');

  const seen = await followEveryLink(page);
  same(seen, ['/profile', '/visitors'], 'the pages that links lead to');
  stage.step('no link leads to a forbidden page');

  const asked = [];
  // The previous page may still have requests in flight.
  await page.goto('about:blank');
  page.on('request', (request) => asked.push(request.postDataJSON()?.operationName));
  for (const path of [
    ...SETTINGS,
    `/settings/operators/${acme.owner.id}`,
    `/settings/operators/${bob.id}`,
    '/settings/nowhere',
  ]) {
    await page.goto(path);
    await heading(page, 'Page not found').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Go to Visitors' }).waitFor();
  }
  same([...new Set(asked.filter(Boolean))], ['Viewer', 'LiveViewer'], 'operations sent for these pages');
  await stage.picture(page, 'not-found');
  stage.step('the settings do not exist for this operator, and nothing is requested');

  visit.forgive(/^HTTP 404 for .*\/nope/, /status of 404/);
  for (const path of ['/nope', '/nope/more.html']) {
    const answer = await page.goto(path);
    await heading(page, 'Page not found').waitFor();
    await menu(page).getByRole('link', { name: 'Visitors' }).waitFor();
    same([answer.status(), new URL(page.url()).pathname], [404, path], 'an unknown address');
  }
  stage.step('an unknown address shows the dashboard with its own message, and the status is 404');

  await page.getByRole('main').getByRole('link', { name: 'Go to Visitors' }).click();
  await menu(page).getByRole('link', { name: 'My profile' }).click();
  await heading(page, 'My profile').waitFor();
  const description = page.getByLabel('Description');
  await description.fill('Knows number');
  await description.evaluate((field) => field.setSelectionRange(6, 6));
  await page.keyboard.insertText('every\norder ');
  same(
    await description.evaluate(({ value, selectionStart }) => [value, selectionStart]),
    ['Knows every order number', 'Knows every order '.length],
    'two lines inserted in the middle, and the caret after them',
  );
  await page.getByLabel('Name visible to visitors').fill('Bobby');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.reload();
  same(
    [await page.getByLabel('Description').inputValue(), await page.getByLabel('Name visible to visitors').inputValue()],
    ['Knows every order number', 'Bobby'],
    'the profile after a reload',
  );
  stage.step('operators edit their own profile');

  await page.getByLabel('New password', { exact: true }).fill('half of a new passw');
  await menu(page).getByRole('link', { name: 'Visitors' }).click();
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Stay here' }).click();
  same(await page.getByLabel('New password', { exact: true }).inputValue(), 'half of a new passw', 'what was typed');
  await page.getByLabel('New password', { exact: true }).fill('');
  await description.fill('Typed, and not saved yet');
  await menu(page).getByRole('link', { name: 'Visitors' }).click();
  await question.getByRole('button', { name: 'Leave' }).click();
  await heading(page, 'Visitors').waitFor();
  stage.step('operators are asked before typed text is lost, including passwords');

  await acme.activate(bob);
  await page.getByText('You are active.').waitFor();
  await acme.deactivate(bob);
  await notice.waitFor();
  stage.step('the notice follows changes by others');

  const full = await stage.visit();
  await enter(full.page, dana, '/visitors');
  await full.page.getByRole('button', { name: 'Activate me' }).click();
  await full.page.getByText('You are active.').waitFor();
  stage.step('an operator with full access activates themselves');

  await acme.changeAccessLevel(bob, 'FULL');
  await menu(page).getByRole('link', { name: 'Operators' }).click();
  await heading(page, 'Operators').waitFor();
  await acme.changeAccessLevel(bob, 'LIMITED');
  await heading(page, 'Page not found').waitFor();
  await until(
    () => menu(page).getByRole('link').count(),
    (links) => links === 2,
    'the short menu',
  );
  stage.step('a new access level takes effect at once, on any page');
}

/** The paths of all pages that can be reached by links. Fails on a link to a missing page. */
async function followEveryLink(page) {
  const links = async () => {
    const hrefs = await page.locator('a[href]').evaluateAll((all) => all.map((link) => link.href));
    return hrefs
      .map((href) => new URL(href))
      .filter(({ hash }) => !hash)
      .map(({ pathname }) => pathname);
  };
  const queue = await links();
  const seen = new Set();
  while (queue.length > 0) {
    const path = queue.shift();
    if (!seen.has(path)) {
      seen.add(path);
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      check(
        (await heading(page, 'Page not found').count()) === 0,
        `a link leads to ${path}, where there is nothing`,
      );
      queue.push(...(await links()));
    }
  }
  return [...seen].sort();
}
