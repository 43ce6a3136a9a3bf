import { same, until } from '../../clients/check.mjs';
import { enter, heading, menu } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { Proxy } from '../stage/proxy.mjs';

export const title = 'A proxy lets no WebSocket through, and the dashboard stays live over event streams';

/** What the browser writes of a refused upgrade. */
const REFUSED = [/^console: WebSocket connection to .* failed/, /^console: Failed to load resource/];
const NOT_LIVE = 'Connection lost';

export async function story(stage) {
  const proxy = await Proxy.open();
  try {
    await told(stage, proxy);
  } finally {
    await proxy.close();
  }
}

async function told(stage, proxy) {
  const server = await stage.server({ settings: { DESKBELL_PUBLIC_URL: proxy.base } });
  proxy.target = server.base;
  const acme = await company(server.base, { seats: 2 });
  const bob = await acme.operator(newcomer('Bob'));
  const ada = await stage.somebody({ deskbell: { base: proxy.base } });
  ada.forgive(...REFUSED);
  const { page } = ada;

  await enter(page, acme.owner, '/settings/operators');
  const active = page.getByRole('switch', { name: /Active: Bob/ });
  await until(
    () => proxy.streams,
    (count) => count === 2,
    'the streams of the operator and of the list',
  );
  await acme.activate(bob);
  await until(() => active.isChecked(), Boolean, 'the change of a colleague');
  await page.getByText(NOT_LIVE).waitFor({ state: 'detached' });
  same(proxy.refused > 1, true, 'attempts to open a WebSocket');
  stage.step('what a colleague changes shows, and nothing says that it does not');

  // An operator, the account and who could own it: one more than a tab may hold.
  await menu(page).getByRole('link', { name: 'Company' }).click();
  await heading(page, 'Company').waitFor();
  await acme.acts(
    'mutation Rename($input: UpdateAccountInput!) { updateAccount(input: $input) { userErrors { __typename } } }',
    { name: 'Acme & Daughters' },
  );
  const name = page.getByRole('textbox', { name: 'Company' });
  await until(
    () => name.inputValue(),
    (value) => value === 'Acme & Daughters',
    'the new name',
  );
  same(proxy.streams <= 3, true, `streams of a tab, of six connections: ${proxy.streams}`);
  stage.step('a tab leaves connections for everything else');

  const before = proxy.refused;
  proxy.breakStreams();
  await menu(page).getByRole('link', { name: 'Operators' }).click();
  await acme.deactivate(bob);
  await until(
    () => active.isChecked(),
    (isOn) => !isOn,
    'a change after the streams broke',
  );
  same(proxy.refused, before, 'attempts to open a WebSocket while streams serve');
  stage.step('streams that break off are opened again');

  proxy.passesUpgrades = true;
  // A tab that is looked at again is a reason to try.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await until(
    () => proxy.streams,
    (count) => count === 0,
    'the end of the streams',
  );
  await acme.activate(bob);
  await until(() => active.isChecked(), Boolean, 'a change over the WebSocket');
  stage.step('where a WebSocket passes again, it takes the place of the streams');

  await acme.changeAccessLevel(bob, 'FULL');
  proxy.passesUpgrades = false;
  const other = await stage.somebody({ deskbell: { base: proxy.base } });
  other.forgive(...REFUSED);
  await enter(other.page, bob, '/settings/operators');
  await until(
    () => proxy.streams,
    (count) => count === 2,
    'streams of somebody else',
  );
  await acme.remove(bob);
  await other.page.getByRole('dialog', { name: 'Please sign in again' }).waitFor();
  stage.step('and a session that ends says so over streams as well');
}
