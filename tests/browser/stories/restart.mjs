import { same, until } from '../../clients/check.mjs';
import { enter } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { press, widget, widgetSays } from '../stage/widget.mjs';

export const title = 'A server dies under an open dashboard and an open widget, and both find back to it by themselves';

/** How long a widget may go on showing what it knew last. */
const STALE_MS = 60_000;
/** The longest pause between two attempts, of widget and dashboard, with time for the attempt itself. */
const PAUSE_MS = 35_000;

const STEP_MS = 5_000;
/** How long an answer may take on a machine with much to do. */
const ANSWER_MS = 1_000;

/** What a browser writes into the console when nobody listens. */
const NOBODY_THERE = [/^console: WebSocket connection to .* failed/, /^console: Failed to load resource: net::ERR_/];

export async function story(stage) {
  const server = await stage.server();
  const acme = await company(server.base, { seats: 2 });
  const bob = await acme.operator(newcomer('Bob'), { isActive: true });
  const shop = await stage.website();
  const visitor = await stage.somebody({ deskbell: server, websites: [shop] });
  const ada = await stage.somebody({ deskbell: server });
  visitor.forgive(...NOBODY_THERE);
  ada.forgive(...NOBODY_THERE);
  // Minutes that nobody has to wait for.
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
  stage.step('the dashboard says that the connection is lost, and takes back what could not be sent');

  same((await widget(visitor.page)).pill, 'We are available', 'the widget at first');
  await visitor.page.clock.runFor(STALE_MS);
  const unknown = await widgetSays(visitor.page, 'We are away');
  same([unknown.people, await availability(visitor.page)], [[], null], 'who is shown, and what the page is told');
  await stage.picture(visitor.page, 'widget-unknown');
  stage.step('after less than a minute the widget shows nobody any more');

  const back = await stage.server({ folder: server.folder, settings: { DESKBELL_LISTEN: `127.0.0.1:${port}` } });
  same(back.base, server.base, 'where it is served again');
  // What happens before they are back is missed by nobody.
  await acme.update(bob, { name: 'Bobby', publicName: 'Bobby', description: 'Back again' });
  const isKnown = ({ pill, people }) => pill === 'We are available' && people.flat().includes('Bobby');
  await comesBack(visitor.page, async () => isKnown(await widget(visitor.page)));
  const known = await until(() => widget(visitor.page), isKnown, 'the widget, back');
  same(known.people, [['Ada Lovelace'], ['Bobby', 'Back again']], 'who is shown');
  stage.step('the widget finds back, and knows what happened meanwhile');

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
  stage.step('the dashboard finds back, signed in as before, and both are live again');
}

const availability = (page) => page.evaluate(() => globalThis.deskbell.availability);

/** Lets the longest pause go by on a page, or less once it `isBack`, in steps in which what it asks for is answered. */
async function comesBack(page, isBack) {
  for (let passed = 0; passed < PAUSE_MS; passed += STEP_MS) {
    await page.clock.runFor(STEP_MS);
    // An answer takes as long as ever, and the page would give up waiting for it.
    if (await until(isBack, Boolean, 'its end', ANSWER_MS).catch(() => false)) {
      return;
    }
  }
}
