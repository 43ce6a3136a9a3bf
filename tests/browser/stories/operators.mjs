import { same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title = 'A company of sixty operators: paged, searched, filtered, and live';

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { seats: 3 });
  for (let number = 2; number <= 60; number += 1) {
    await acme.operator(newcomer(`Operator ${String(number).padStart(2, '0')}`), { invited: true });
  }
  const eve = await acme.operator(newcomer('Eve Novotná'));
  const { page } = await stage.visit();
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
  stage.step('the list has pages, and reload keeps the page');

  await page.goto('/settings/operators?after=junk');
  await shows(50, 'the first page, where the address names no other');
  // Nothing covers the button.
  await pages.getByRole('button', { name: 'Next' }).click();
  await shows(11, 'the rest once more');
  await pages.getByRole('button', { name: 'Previous' }).click();
  await shows(50, 'the first page again');
  stage.step('a URL with an invalid cursor starts at the first page, and the session continues');

  await page.getByLabel('Search by name or e-mail').fill('novot');
  await shows(1, 'the operators that match');
  await page.getByText('1 operator', { exact: true }).waitFor();
  await page.getByRole('switch', { name: 'Active: Eve Novotná' }).click();
  await page.getByText('2 of 3 active').waitFor();
  await page.getByLabel('Search by name or e-mail').fill('no such name');
  await page.getByText('No operators found.').waitFor();
  await page.getByLabel('Search by name or e-mail').fill('');
  await shows(50, 'the first page without a search');
  stage.step('the list is searched');

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
  stage.step('the list is filtered, live, and restored by the back button');

  await page.goto('/settings/account');
  const candidates = page.getByLabel('New owner');
  await candidates.locator('option', { hasText: 'Eve Novotná' }).waitFor({ state: 'attached' });
  const search = page.getByLabel('Search', { exact: true });
  same(await search.getAttribute('maxlength'), '100', 'the maximum length of a search');
  await search.fill('Operator');
  await page.getByRole('status').filter({ hasText: 'No operators found. Only operators who have signed in can become the owner.' }).waitFor();
  await search.fill('novot');
  await candidates.locator('option', { hasText: 'Eve Novotná' }).waitFor({ state: 'attached' });
  stage.step('possible new owners are searched, among operators with a password');
}
