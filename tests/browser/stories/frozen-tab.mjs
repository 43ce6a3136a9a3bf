import { check, same, until } from '../../clients/check.mjs';
import { company } from '../stage/people.mjs';
import { Proxy } from '../stage/proxy.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { noteStates } from '../stage/widget.mjs';

export const title = 'A tab that the browser has frozen shows nothing stale, and soon the current state';

const KEEPALIVE_MS = 1_000;
/** Without a sign of life, the server would have closed the WebSocket twice. */
const FROZEN_MS = 4 * KEEPALIVE_MS;
const LONG_MS = 600_000;
/**
 * From the moment at which the tab is visible to the current state: the longest first pause (2 s),
 * if the browser closes the WebSocket after that moment, and a connection on a busy machine.
 */
const RIGHT_WITHIN_MS = 5_000;

/** Chromium closes the WebSocket when it thaws the tab. Other browsers may keep it. */
const CLOSED = [/^console: WebSocket connection to .* failed: Page entered Back-Forward Cache/];

export async function story(stage) {
  const proxy = await Proxy.open();
  try {
    await happens(stage, proxy);
  } finally {
    await proxy.close();
  }
}

async function happens(stage, proxy) {
  const settings = { DESKBELL_PUBLIC_URL: proxy.base, DESKBELL_WS_KEEPALIVE: `${KEEPALIVE_MS}ms` };
  const server = await stage.server({ settings });
  proxy.target = server.base;
  proxy.passesUpgrades = true;
  const acme = await company(server.base);
  const shop = await stage.website();
  const visitor = await stage.window({ deskbell: { base: proxy.base }, websites: [shop] });
  const { page } = visitor;
  visitor.forgive(...CLOSED);
  await page.clock.install();
  await noteStates(page);
  await page.addInitScript(() => {
    globalThis.visibleAt = 0;
    globalThis.thawedAt = 0;
    globalThis.isFrozen = false;
    document.addEventListener('freeze', () => {
      globalThis.isFrozen = true;
    });
    // A message that came while the tab was frozen can be delivered before the tab is visible.
    document.addEventListener('resume', () => {
      globalThis.thawedAt = Date.now();
    });
    // Before the widget's own listener.
    document.addEventListener('visibilitychange', () => {
      globalThis.visibleAt = document.hidden ? 0 : Date.now();
    });
  });
  await page.goto(shop.page('/', snippet(proxy.base, acme.widgetKey), { policy: strict(proxy.base) }));
  await shows(page, true);

  await freeze(visitor);
  await acme.deactivate(acme.owner);
  await pass(FROZEN_MS);
  same(proxy.sockets, 1, 'WebSockets of the frozen tab: the browser answers the pings of the server');
  same(await shown(page), true, 'the state in the frozen tab');
  await thaw(visitor);
  await shows(page, false);
  const afterMoment = await sinceThawed(page);
  same(values(afterMoment), [false], 'the states that the visible tab shows');
  checkSoon(afterMoment);
  stage.step(`after a moment, the change that happened in the meantime shows (${times(afterMoment)})`);

  await acme.activate(acme.owner);
  await shows(page, true);
  await freeze(visitor);
  await acme.deactivate(acme.owner);
  await page.clock.setSystemTime((await page.evaluate(() => Date.now())) + LONG_MS);
  await thaw(visitor);
  await shows(page, false);
  const afterLong = await sinceThawed(page);
  same(values(afterLong).at(-1), false, 'the last state that the visible tab shows');
  check(!values(afterLong).includes(true), `a state of long ago shows: ${values(afterLong)}`);
  checkSoon(afterLong);
  stage.step(`after a long time, the state is unknown at first, or the current one at once (${times(afterLong)})`);
}

/** Puts another tab in front, and freezes this one. */
async function freeze({ page, context }) {
  const other = await context.newPage();
  await other.bringToFront();
  await until(() => page.evaluate(() => document.hidden), Boolean, 'a hidden tab');
  await setLifecycle(page, 'frozen');
  await until(() => page.evaluate(() => globalThis.isFrozen), Boolean, 'a frozen tab');
}

async function thaw({ page }) {
  await setLifecycle(page, 'active');
  await page.bringToFront();
  await until(() => page.evaluate(() => globalThis.visibleAt), Boolean, 'a visible tab');
}

async function setLifecycle(page, state) {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state });
  await session.detach();
}

/** Whether the widget shows operators; null if it does not know. */
const shown = (page) => page.evaluate(() => globalThis.deskbell?.availability?.isAvailable ?? null);

const shows = (page, isAvailable) =>
  until(
    () => shown(page),
    (now) => now === isAvailable,
    `isAvailable: ${isAvailable}`,
  );

/** The states since the tab was thawed. */
const sinceThawed = (page) =>
  page.evaluate(() =>
    globalThis.states
      .filter(({ at }) => at >= globalThis.thawedAt)
      .map(({ at, availability }) => ({
        afterMs: at - globalThis.thawedAt,
        isAvailable: availability?.isAvailable ?? null,
      })),
  );

const values = (states) => states.map(({ isAvailable }) => isAvailable);
const times = (states) => states.map(({ afterMs }) => `${afterMs} ms`).join(', ');

function checkSoon(states) {
  check(states.at(-1).afterMs < RIGHT_WITHIN_MS, `the current state came late: ${times(states)}`);
}

const pass = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
