import { same, until } from '../../clients/check.mjs';
import { enter, heading, menu } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { Proxy } from '../stage/proxy.mjs';

export const title = 'Behind a proxy without WebSockets, the dashboard stays live over event streams';

/** The browser's errors for a rejected upgrade. */
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
  const ada = await stage.visit({ deskbell: { base: proxy.base } });
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
  stage.step('changes by a colleague show, and no banner appears');

  // An operator, the account and its possible owners: one subscription more than a tab may hold as
  // a stream.
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
  stage.step('a tab leaves connections for other requests');

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
  stage.step('broken streams are reopened');

  proxy.passesUpgrades = true;
  // A tab retries when it becomes visible.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await until(
    () => proxy.streams,
    (count) => count === 0,
    'the end of the streams',
  );
  await acme.activate(bob);
  await until(() => active.isChecked(), Boolean, 'a change over the WebSocket');
  stage.step('a WebSocket replaces the streams once it is possible');

  await acme.changeAccessLevel(bob, 'FULL');
  proxy.passesUpgrades = false;
  const other = await stage.visit({ deskbell: { base: proxy.base } });
  other.forgive(...REFUSED);
  await enter(other.page, bob, '/settings/operators');
  await until(
    () => proxy.streams,
    (count) => count === 2,
    'the streams of the other operator',
  );
  await acme.remove(bob);
  await other.page.getByRole('dialog', { name: 'Please sign in again' }).waitFor();
  stage.step('the end of a session is reported over streams as well');
}
