import { same } from '../../clients/check.mjs';
import { lookAround } from '../stage/looks.mjs';
import { enter, heading, menu } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title = 'On a company’s own server no page is about plans, and the seats come back without the setting';

export async function story(stage) {
  const server = await stage.server({ settings: { DESKBELL_PLANS: 'unlimited' } });
  const visit = await stage.visit({ deskbell: server });
  const { page } = visit;
  visit.forgive(/404.*\/plan\b/);
  await page.goto('/sign-up');
  await page.getByText('You can then add your colleagues.').waitFor();
  same(await page.getByText('Free for one operator').count(), 0, 'what sign-up says about plans');
  const acme = await company(server.base);

  await enter(page, acme.owner, '/settings/operators');
  await page.getByText('1 active', { exact: true }).waitFor();
  same(
    await menu(page).getByRole('link').allInnerTexts(),
    ['Visitors', 'Operators', 'Company', 'My profile'],
    'the pages in the menu',
  );
  for (const address of ['/settings/plan', '/plan']) {
    await page.goto(address);
    await heading(page, 'Page not found').waitFor();
  }
  stage.step('the menu has no Plan page, and its address is not found');

  await menu(page).getByRole('link', { name: 'Operators' }).click();
  await page.getByRole('link', { name: 'Add operator' }).click();
  await page.getByText('Can also manage operators and the company settings.').waitFor();
  same(await page.getByText(/seats?\b/i).count(), 0, 'texts about seats');
  await page.getByLabel('Name', { exact: true }).fill('Eve');
  await page.getByLabel('E-mail').fill(newcomer('Eve').email);
  await page.getByRole('checkbox', { name: 'Activate immediately' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('switch', { name: 'Active: Eve', checked: true }).waitFor();
  await page.getByText('2 active', { exact: true }).waitFor();
  await lookAround(stage, page, 'own-server-operators');
  stage.step('a second operator is active at once, without a word about seats');

  await page.close();
  await stage.kill(server);
  const back = await stage.server({ folder: server.folder });
  const again = await stage.visit({ deskbell: back });
  await enter(again.page, acme.owner, '/settings/operators');
  await again.page.getByText('2 of 1 active').waitFor();
  await menu(again.page).getByRole('link', { name: 'Plan' }).waitFor();
  const eve = again.page.getByRole('switch', { name: 'Active: Eve' });
  await eve.click();
  await again.page.getByText('1 of 1 active').waitFor();
  await eve.click();
  const dialog = again.page.getByRole('dialog', { name: 'No free seats' });
  await dialog.getByRole('link', { name: 'Change the plan' }).waitFor();
  stage.step('without the setting both stay active, and the next activation waits for a free seat');
}
