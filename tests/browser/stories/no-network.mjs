import { same, until } from '../../clients/check.mjs';
import { enter, heading, menu } from '../stage/pages.mjs';
import { company } from '../stage/people.mjs';

export const title = 'On a failing network, pages are prefetched, report what is wrong, and load later';

/** The URL pattern of the code of a page. */
const codeOf = (name) => `**/assets/${name}-*.js`;

const AWAY = [/^console: Failed to load resource: net::ERR_/, /^console: WebSocket connection to .* failed/];
/** The browser's error for code that failed to load. */
const NO_CODE = /Failed to fetch dynamically imported module/;

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  await opensAhead(stage, acme);
  await opensLater(stage, acme);
  await opensSlowly(stage, acme);
  await comesBack(stage, acme);
  await keepsItsLanguage(stage, acme);
}

async function opensAhead(stage, acme) {
  const ada = await visit(stage, acme);
  const { page, context } = ada;
  ada.forgive(...AWAY);
  const loaded = await until(
    () => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name)),
    (names) => ['PlanPage', 'AccountPage', 'ProfilePage'].every((code) => names.some((name) => name.includes(code))),
    'the code of pages that are not open',
  );
  // Their own imports may still be loading.
  const code = loaded.filter((name) => /\/(Plan|Account|Profile)Page-[^/]*\.js$/.test(name));
  await page.evaluate((names) => Promise.all(names.map((name) => import(name))), code);
  await context.setOffline(true);
  await menu(page).getByRole('link', { name: 'Company' }).click();
  await heading(page, 'Company').waitFor();
  await page.getByRole('main').getByText('The server cannot be reached.').waitFor();
  stage.step('a prefetched page opens without a network');
}

async function opensLater(stage, acme) {
  const ada = await visit(stage, acme, withoutPlan);
  const { page } = ada;
  ada.forgive(...AWAY, NO_CODE);
  const plan = menu(page).getByRole('link', { name: 'Plan' });
  await plan.click();
  await heading(page, 'This page failed to load').waitFor();
  await page.getByText('The server has probably been updated').waitFor();
  await page.getByRole('button', { name: 'Reload' }).waitFor();
  await stage.picture(page, 'broken-page');
  await menu(page).getByRole('link', { name: 'Visitors' }).click();
  await heading(page, 'Visitors').waitFor();
  await page.unroute(codeOf('PlanPage'));
  await plan.click();
  await heading(page, 'Plan').waitFor();
  stage.step('a page whose code failed to load keeps the menu, and opens the next time');
}

async function opensSlowly(stage, acme) {
  let held;
  const ada = await visit(stage, acme, (page) => {
    held = new Promise((resolve) => void page.route(codeOf('PlanPage'), resolve));
  });
  const { page } = ada;
  await menu(page).getByRole('link', { name: 'Plan' }).click();
  await page.locator('main[aria-busy=true]').waitFor();
  await heading(page, 'Visitors').waitFor();
  await (await held).continue();
  await heading(page, 'Plan').waitFor();
  await page.locator('main:not([aria-busy])').waitFor();
  stage.step('a slow page shows that it is loading');
}

async function comesBack(stage, acme) {
  const ada = await visit(stage, acme, withoutPlan);
  const { page, context } = ada;
  ada.forgive(...AWAY, NO_CODE);
  await context.setOffline(true);
  await menu(page).getByRole('link', { name: 'Plan' }).click();
  await heading(page, 'This page failed to load').waitFor();
  await page.getByText('The server cannot be reached.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  same(await menu(page).getByRole('link', { name: 'Plan' }).count(), 1, 'the menu');
  await page.unroute(codeOf('PlanPage'));
  await context.setOffline(false);
  await heading(page, 'Plan').waitFor();
  stage.step('a page that needs the network says so, and opens when the network is back');
}

async function keepsItsLanguage(stage, acme) {
  const ada = await visit(stage, acme);
  const { page } = ada;
  ada.forgive(...AWAY);
  await page.route(codeOf('cs'), (route) => route.abort());
  await menu(page).getByRole('link', { name: 'My profile' }).click();
  const choice = page.getByLabel('Language');
  await choice.selectOption('cs');
  await page.getByRole('status').filter({ hasText: 'Please reload the page' }).waitFor();
  same(await choice.inputValue(), 'en', 'the language');
  await page.unroute(codeOf('cs'));
  await page.reload();
  await heading(page, 'Můj profil').waitFor();
  stage.step('a language that failed to load says so, and is used after a reload');
}

const withoutPlan = (page) => page.route(codeOf('PlanPage'), (route) => route.abort());

/** Opens the first page in a browser that `prepare` has changed. */
async function visit(stage, acme, prepare = async () => {}) {
  const ada = await stage.visit();
  await prepare(ada.page);
  await enter(ada.page, acme.owner);
  await heading(ada.page, 'Visitors').waitFor();
  return ada;
}
