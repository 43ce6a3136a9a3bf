import { same, until } from '../../clients/check.mjs';
import { enter } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { Proxy } from '../stage/proxy.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { noteStates, told, widgetSays } from '../stage/widget.mjs';

export const title = 'A network that loses everything without closing anything is noticed within 55 s';

const PING = '{"type":"ping"}';
const PONG_WITHIN_MS = 10_000;
const STALE_AFTER_MS = 55_000;
/** The shortest and the longest pause before a ping, and the random values that lead to them. */
const PAUSES = [
  { chance: 0, pingMs: 36_000 },
  { chance: 0.999999, pingMs: 44_000 },
];
/** The longest pause of the dashboard before its first attempt to reconnect. */
const FIRST_PAUSE_MS = 500;
/** The longest pause between two attempts of widget and dashboard, including the attempt. */
const PAUSE_MS = 35_000;
const STEP_MS = 5_000;
/** The time for a response on a busy machine. */
const ANSWER_MS = 1_000;

/** The browser's errors for connections that are given up. */
const LOST = [/^console: WebSocket connection to .* failed/, /^console: Failed to load resource: net::ERR_/];

export async function story(stage) {
  for (const pause of PAUSES) {
    await throughProxy(stage, (town) => visitorNotices(town, pause));
  }
  await throughProxy(stage, colleagueNotices);
}

async function throughProxy(stage, act) {
  const proxy = await Proxy.open();
  try {
    const server = await stage.server({ settings: { DESKBELL_PUBLIC_URL: proxy.base } });
    proxy.target = server.base;
    proxy.passesUpgrades = true;
    const acme = await company(server.base, { seats: 2 });
    const bob = await acme.operator(newcomer('Bob'), { isActive: true });
    await act({ stage, proxy, acme, bob });
  } finally {
    await proxy.close();
  }
}

async function visitorNotices({ stage, proxy, acme, bob }, { chance, pingMs }) {
  const shop = await stage.website();
  const visitor = await stage.visit({ deskbell: { base: proxy.base }, websites: [shop] });
  visitor.forgive(...LOST);
  const { page } = visitor;
  const sent = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload)));
  const pings = () => sent.filter((payload) => payload === PING).length;
  await page.clock.install();
  await noteStates(page);
  await page.addInitScript((value) => {
    Math.random = () => value;
  }, chance);
  await page.goto(shop.page('/', snippet(proxy.base, acme.widgetKey), { policy: strict(proxy.base) }));
  await widgetSays(page, 'We are available');

  await stopClock(page);
  // The last message arrives while the clock stands still.
  await acme.update(bob, { name: 'Bobby', publicName: 'Bobby' });
  await told(page, ({ operators }) => operators.some(({ publicName }) => publicName === 'Bobby'), 'the last message');
  proxy.silence();
  await acme.deactivate(bob);
  await acme.deactivate(acme.owner);

  await page.clock.runFor(pingMs - 1);
  same(pings(), 0, 'pings before their time');
  await page.clock.runFor(1);
  await until(pings, (count) => count === 1, 'the ping');
  await page.clock.runFor(PONG_WITHIN_MS - 1);
  same(proxy.sockets, 1, 'WebSockets while the ping may be answered');
  await page.clock.runFor(STALE_AFTER_MS - pingMs - PONG_WITHIN_MS);
  same((await availability(page))?.operators.length, 2, 'operators until the state is stale');
  await page.clock.runFor(1);
  same(await availability(page), null, 'the state for the page');
  await widgetSays(page, 'We are away');
  stage.step(`a widget pings after ${pingMs / 1_000} s of silence, and shows no operators after 55 s`);

  proxy.isSilent = false;
  await passes(page, async () => (await availability(page))?.isAvailable === false);
  same((await availability(page))?.isAvailable, false, 'the availability after all have left');
  same(pings(), 1, 'pings');
  stage.step('it opens a new connection, and shows the current state');
}

async function colleagueNotices({ stage, proxy, acme, bob }) {
  const ada = await stage.visit({ deskbell: { base: proxy.base } });
  ada.forgive(...LOST);
  const { page } = ada;
  const active = page.getByRole('switch', { name: /^Active: Bob/ });
  const banner = page.getByText('Connection lost');
  await page.clock.install();
  await enter(page, acme.owner, '/settings/operators');
  await active.waitFor();

  await stopClock(page);
  await acme.update(bob, { name: 'Bobby', publicName: 'Bobby' });
  await page.getByRole('switch', { name: 'Active: Bobby', checked: true }).waitFor();
  proxy.silence();
  await acme.deactivate(bob);
  await page.clock.runFor(PAUSES[0].pingMs + PONG_WITHIN_MS - 1);
  const before = ada.sockets.length;
  await page.clock.runFor(PAUSES[1].pingMs - PAUSES[0].pingMs + 1 + FIRST_PAUSE_MS);
  await until(
    () => ada.sockets.length,
    (count) => count === before + 1,
    'the next attempt of the dashboard',
  );
  await passes(page, () => banner.isVisible());
  await banner.waitFor();
  stage.step('a dashboard gives the connection up after 46 to 54 s, and reports that it is lost');

  proxy.isSilent = false;
  await passes(page, async () => (await banner.count()) === 0);
  await banner.waitFor({ state: 'detached' });
  await page.getByRole('switch', { name: 'Active: Bobby', checked: false }).waitFor();
  stage.step('it opens a new connection, and shows what a colleague has changed');
}

const availability = (page) => page.evaluate(() => globalThis.deskbell.availability);

/** From now on, the page's time passes only with `runFor`. */
async function stopClock(page) {
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
}

/** Advances the page's clock until something `isDone`, in steps that leave time for responses. */
async function passes(page, isDone) {
  for (let passed = 0; passed < PAUSE_MS; passed += STEP_MS) {
    await page.clock.runFor(STEP_MS);
    if (await until(isDone, Boolean, 'its end', ANSWER_MS).catch(() => false)) {
      return;
    }
  }
}
