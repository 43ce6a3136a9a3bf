import { same, until } from '../../clients/check.mjs';
import { enter, heading, menu } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title = 'An owner takes a smaller plan and chooses whom to deactivate, renames the company, and hands it over';

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { seats: 3 });
  const bob = await acme.operator(newcomer('Bob'), { isActive: true });
  const cy = await acme.operator(newcomer('Cy'), { isActive: true });
  await acme.operator(newcomer('Ivo'), { invited: true });
  const { page } = await stage.visit();
  const colleague = await stage.visit();
  await enter(colleague.page, cy);
  await colleague.page.getByText('You are active.').waitFor();

  await enter(page, acme.owner, '/settings/plan');
  await page.getByLabel('Seats', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Change plan' }).click();
  await page.getByText('Choose 2 more operators to deactivate.').waitFor();
  await page.getByRole('checkbox', { name: 'Cy' }).check();
  await page.getByRole('button', { name: 'Change plan' }).click();
  await page.getByText('Choose 1 more operator to deactivate.').waitFor();
  // One operator is deactivated in the meantime, so one more is enough.
  await acme.deactivate(bob);
  await page.getByText('2 of 3 seats are in use.').waitFor();
  await page.getByRole('button', { name: 'Change plan' }).click();
  await page.getByText('1 of 1 seat is in use.').waitFor();
  await colleague.page.getByText('You are inactive. Visitors cannot chat with you.').waitFor();
  stage.step('a smaller plan asks whom to deactivate, and they see it at once');

  await page.getByLabel('Seats', { exact: true }).fill('0');
  await page.getByRole('button', { name: 'Change plan' }).click();
  const seats = page.getByLabel('Seats', { exact: true });
  await page.locator('.field').filter({ has: seats }).getByText('At least 1.', { exact: true }).waitFor();
  same(await seats.getAttribute('aria-invalid'), 'true', 'the field of the seats');
  await menu(page).getByRole('link', { name: 'Company' }).click();
  await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Leave' }).click();
  await heading(page, 'Company').waitFor();
  stage.step('a plan has at least one seat');

  await menu(page).getByRole('link', { name: 'Plan' }).click();
  await page.getByLabel('Seats', { exact: true }).fill('99999999999');
  await page.getByRole('button', { name: 'Change plan' }).click();
  await page.getByText('At most 10,000.').waitFor();
  await menu(page).getByRole('link', { name: 'Company' }).click();
  await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Leave' }).click();
  await heading(page, 'Company').waitFor();
  stage.step('a number of seats that is too large gets the limit');

  const other = await stage.visit();
  await enter(other.page, acme.owner, '/settings/account');
  await page.getByRole('textbox', { name: 'Company' }).fill('Acme & Daughters');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  const renamed = other.page.getByRole('textbox', { name: 'Company' });
  await other.page.waitForFunction((field) => field.value === 'Acme & Daughters', await renamed.elementHandle());
  stage.step("the company's new name shows in all windows");

  await page.getByText('Saved.').waitFor();
  await page.getByRole('textbox', { name: 'Company' }).fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Please fill this in.').waitFor();
  same(await page.getByText('Saved.').count(), 0, 'messages about the previous attempt');
  await page.getByRole('textbox', { name: 'Company' }).fill('Acme & Daughters');
  stage.step('a message about the previous attempt disappears when the form is sent again');

  const candidates = page.getByLabel('New owner');
  const options = await until(
    () => candidates.locator('option').allInnerTexts(),
    (all) => all.length > 1,
    'who can become the owner',
  );
  same(options, ['Please choose', `Bob · ${bob.email}`, `Cy · ${cy.email}`], 'who can become the owner');
  const dana = await acme.operator(newcomer('Dana'));
  await candidates.locator('option', { hasText: 'Dana' }).waitFor({ state: 'attached' });
  await candidates.selectOption({ label: `Dana · ${dana.email}` });
  await acme.remove(dana);
  await candidates.locator('option', { hasText: 'Dana' }).waitFor({ state: 'detached' });
  same(await candidates.inputValue(), '', 'the choice after the operator was removed');
  stage.step('the list of possible owners is live');

  await candidates.selectOption({ label: `Cy · ${cy.email}` });
  await page.getByRole('button', { name: 'Hand over account' }).click();
  await page
    .getByRole('dialog', { name: 'Hand the account over to Cy?' })
    .getByRole('button', { name: 'Hand over account' })
    .click();
  await page.getByText('Cy is now the owner of the account.').waitFor();
  for (const mine of [page, other.page]) {
    await mine.getByText('Cy owns this account. Only the owner can hand it over.').waitFor();
  }
  await menu(colleague.page).getByRole('link', { name: 'Company' }).click();
  await colleague.page.getByLabel('New owner').waitFor();
  stage.step('the new owner sees the change at once');
}
