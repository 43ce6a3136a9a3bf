import { same, until } from '../../clients/check.mjs';
import { enter } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { press, widget, widgetSays } from '../stage/widget.mjs';

export const title = 'A server is killed under an open dashboard and an open widget, and both recover';

/** The widget may show its last state for this time. */
const STALE_MS = 60_000;
/** The longest pause between two attempts of widget and dashboard, including the attempt. */
const PAUSE_MS = 35_000;

const STEP_MS = 5_000;
/** The time for a response on a busy machine. */
const ANSWER_MS = 1_000;

/** The browser's errors for a server that does not listen. */
const NOT_LISTENING = [/^console: WebSocket connection to .* failed/, /^console: Failed to load resource: net::ERR_/];

export async function story(stage) {
  const server = await stage.server();
  const acme = await company(server.base, { seats: 2 });
  const bob = await acme.operator(newcomer('Bob'), { isActive: true });
  const shop = await stage.website();
  const visitor = await stage.visit({ deskbell: server, websites: [shop] });
  const ada = await stage.visit({ deskbell: server });
  visitor.forgive(...NOT_LISTENING);
  ada.forgive(...NOT_LISTENING);
  // A fake clock, so that the story does not wait for minutes.
  await visitor.page.clock.install();
  await ada.page.clock.install();
  await visitor.page.goto(shop.page('/', snippet(server.base, acme.widgetKey), { policy: strict(server.base) }));
  await widgetSays(visitor.page, 'We are available');
  await press(visitor.page);
  await enter(ada.page, acme.owner, '/settings/operators');
  await ada.page.getByRole('switch', { name: 'Active: Bob', checked: true }).waitFor();
  const banner = ada.page.getByText('Connection lost');
  same(await banner.count(), 0, 'banners before');

  const port = new URL(server.base).port;
  await stage.kill(server);
  await banner.waitFor();
  await stage.picture(ada.page, 'connection-lost');
  await ada.page.getByRole('switch', { name: 'Active: Bob' }).click();
  await ada.page.getByText('Bob: The server cannot be reached.').waitFor();
  await ada.page.getByRole('switch', { name: 'Active: Bob', checked: true }).waitFor();
  stage.step('the dashboard shows that the connection is lost, and rolls back a failed change');

  same((await widget(visitor.page)).pill, 'We are available', 'the widget at first');
  await visitor.page.clock.runFor(STALE_MS);
  const unknown = await widgetSays(visitor.page, 'We are away');
  same([unknown.people, await availability(visitor.page)], [[], null], 'the operators, and the state for the page');
  await stage.picture(visitor.page, 'widget-unknown');
  stage.step('within a minute, the widget shows no operators');

  const back = await stage.server({ folder: server.folder, settings: { DESKBELL_LISTEN: `127.0.0.1:${port}` } });
  same(back.base, server.base, 'the address of the restarted server');
  // They receive changes that happen while they are disconnected.
  await acme.update(bob, { name: 'Bobby', publicName: 'Bobby', description: 'Back again' });
  const isKnown = ({ pill, people }) => pill === 'We are available' && people.flat().includes('Bobby');
  await comesBack(visitor.page, async () => isKnown(await widget(visitor.page)));
  const known = await until(() => widget(visitor.page), isKnown, 'the widget after it has reconnected');
  same(known.people, [['Ada Lovelace'], ['Bobby', 'Back again']], 'who is shown');
  stage.step('the widget reconnects, and shows what changed in the meantime');

  await comesBack(ada.page, async () => (await banner.count()) === 0);
  await banner.waitFor({ state: 'detached' });
  await ada.page.getByRole('switch', { name: 'Active: Bobby', checked: true }).click();
  await ada.page.getByRole('switch', { name: 'Active: Bobby', checked: false }).waitFor();
  await until(
    () => widget(visitor.page),
    ({ people }) => people.length === 1,
    'a widget without Bobby',
  );
  await acme.activate(bob);
  await ada.page.getByRole('switch', { name: 'Active: Bobby', checked: true }).waitFor();
  stage.step('the dashboard reconnects with the same session, and both are live again');
}

const availability = (page) => page.evaluate(() => globalThis.deskbell.availability);

/**
 * Advances the page's clock by the longest pause, or until it `isBack`, in steps that leave time
 * for responses.
 */
async function comesBack(page, isBack) {
  for (let passed = 0; passed < PAUSE_MS; passed += STEP_MS) {
    await page.clock.runFor(STEP_MS);
    // Responses take real time, and the page's clock must not run into its timeouts.
    if (await until(isBack, Boolean, 'its end', ANSWER_MS).catch(() => false)) {
      return;
    }
  }
}
