import { same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title = 'A company of sixty: turned over page by page, searched, filtered, and live all the while';

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { seats: 3 });
  for (let number = 2; number <= 60; number += 1) {
    await acme.operator(newcomer(`Operator ${String(number).padStart(2, '0')}`), { invited: true });
  }
  const eve = await acme.operator(newcomer('Eve Novotná'));
  const { page } = await stage.somebody();
  await enter(page, acme.owner, '/settings/operators');
  const rows = page.getByRole('list', { name: 'Operators' }).getByRole('listitem');
  const shows = (count, what) =>
    until(
      () => rows.count(),
      (found) => found === count,
      what,
    );
  await page.getByText('61 operators').waitFor();
  await shows(50, 'a first page of fifty');
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('button', { name: 'Next' }).click();
  await shows(11, 'the rest');
  await page.reload();
  await shows(11, 'the same page after a reload');
  await pages.getByRole('button', { name: 'Previous' }).click();
  await shows(50, 'the first page again');
  stage.step('is turned over, and stays where one was');

  await page.goto('/settings/operators?after=junk');
  await shows(50, 'the first page, where the address names no other');
  // Nothing covers it.
  await pages.getByRole('button', { name: 'Next' }).click();
  await shows(11, 'the rest once more');
  await pages.getByRole('button', { name: 'Previous' }).click();
  await shows(50, 'and the first page');
  stage.step('begins anew at an address that is none, for whoever is signed in as before');

  await page.getByLabel('Search by name or e-mail').fill('novot');
  await shows(1, 'whoever is called so');
  await page.getByText('1 operator', { exact: true }).waitFor();
  await page.getByRole('switch', { name: 'Active: Eve Novotná' }).click();
  await page.getByText('2 of 3 active').waitFor();
  await page.getByLabel('Search by name or e-mail').fill('nobody at all');
  await page.getByText('No operators found.').waitFor();
  await page.getByLabel('Search by name or e-mail').fill('');
  await shows(50, 'everybody again');
  stage.step('is searched');

  await page.getByLabel('Show', { exact: true }).selectOption('Active');
  await shows(2, 'the active ones');
  await acme.deactivate(eve);
  await shows(1, 'one less, when one leaves');
  await acme.activate(eve);
  await shows(2, 'and her again');
  await page.getByRole('link', { name: 'Eve Novotná' }).click();
  await heading(page, 'Eve Novotná').waitFor();
  await page.goBack();
  await shows(2, 'the list as it was left');
  same(await page.getByLabel('Show', { exact: true }).inputValue(), 'active', 'what is shown');
  stage.step('is filtered, live, and the same when one comes back');

  await page.goto('/settings/account');
  const heirs = page.getByLabel('New owner');
  await heirs.locator('option', { hasText: 'Eve Novotná' }).waitFor({ state: 'attached' });
  const search = page.getByLabel('Search', { exact: true });
  same(await search.getAttribute('maxlength'), '100', 'the longest search');
  await search.fill('Operator');
  await page.getByRole('status').filter({ hasText: 'No operators found. Only operators who have signed in can become the owner.' }).waitFor();
  await search.fill('novot');
  await heirs.locator('option', { hasText: 'Eve Novotná' }).waitFor({ state: 'attached' });
  stage.step('is searched for a new owner as well, among those who have a password');
}
