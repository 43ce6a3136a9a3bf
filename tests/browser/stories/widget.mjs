import { readFileSync } from 'node:fs';
import { check, same, until } from '../../clients/check.mjs';
import { checkAccessible } from '../stage/axe.mjs';
import { switchChat } from '../stage/chat-reader.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { portrait } from '../stage/photo.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { press, widget, widgetSays, widgets } from '../stage/widget.mjs';

export const title = 'A website with the widget, without chat: any corner, language and styles, over one connection';

/** Custom properties of its stylesheet, with names that a page could use as well. */
const OWN_PROPERTIES = [
  ...new Set(
    readFileSync(new URL('../../../web/widget/src/look.css', import.meta.url), 'utf8').match(/--[\w-]+(?=:)/g),
  ),
].map((name) => name.replace(/^--deskbell(?=--)/, ''));

const HERE = 'We are available';
const AWAY = 'We are away';

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base, { seats: 2 });
  await switchChat(acme, false);
  await acme.update(acme.owner, {
    publicName: '<img src=x onerror=alert(1)>',
    description: '<b>Founder</b> & "owner"',
  });
  const bob = await acme.operator(newcomer('Bob'), { isActive: true });
  const shop = await stage.website();
  const town = { stage, base, acme, bob, shop };

  await hasPeopleAsText(town);
  await obeysTheKeyboard(town);
  await movesNothing(town);
  await withstandsStyles(town);
  await takesAttributes(town);
  await speaksThePagesLanguage(town);
  await staysHidden(town);
  await sharesOneConnection(town);
  await doesWithoutWebSockets(town);
  await warnsOfAnUnknownKey(town);
}

/** Opens a page of the shop with this body, under the policy that the documentation recommends. */
async function visit({ stage, base, shop }, path, body, { policy = strict(base), lang, head, ...options } = {}) {
  const visitor = await stage.visit({ websites: [shop], ...options });
  await visitor.page.goto(shop.page(path, body, { policy, lang, head }));
  return visitor;
}

async function hasPeopleAsText(town) {
  const { page } = await visit(town, '/text', `<h1>A shop</h1>${snippet(town.base, town.acme.widgetKey)}`);
  const closed = await widgetSays(page, HERE);
  same(closed.people, [], 'the operators in a closed panel');
  same(
    (await press(page)).people,
    [['<img src=x onerror=alert(1)>', '<b>Founder</b> & "owner"'], ['Bob']],
    'the people',
  );
  same(
    await page.evaluate(() => document.querySelector('deskbell-widget').shadowRoot),
    null,
    'the shadow root for scripts of the page',
  );
  await town.stage.picture(page, 'widget-open');
  town.stage.step('names and descriptions are text, whatever they contain');
}

async function obeysTheKeyboard(town) {
  const { page } = await visit(
    town,
    '/keyboard',
    `<main><h1>A shop</h1></main><div popover>An offer</div>${snippet(town.base, town.acme.widgetKey)}`,
  );
  await widgetSays(page, HERE);
  await page.keyboard.press('Tab');
  await until(
    () => widget(page),
    ({ hasFocus }) => hasFocus,
    'the focus on the pill',
  );
  await page.keyboard.press('Enter');
  await until(
    () => widget(page),
    ({ isOpen }) => isOpen,
    'the panel, opened by Enter',
  );
  await page.keyboard.press('Tab');
  const offer = page.getByText('An offer');
  await offer.evaluate((popover) => popover.showPopover());
  await page.keyboard.press('Escape');
  const closed = await until(
    () => widget(page),
    ({ isOpen }) => !isOpen,
    'the panel, closed by Escape',
  );
  check(closed.hasFocus, 'the focus does not come back to the pill');
  check(await offer.isVisible(), 'Escape closes something of the page as well');
  town.stage.step('the keyboard opens and closes it, and keeps the focus');

  // Opens the shadow root for axe, which cannot see a closed one.
  const visitor = await town.stage.visit({ websites: [town.shop] });
  await visitor.context.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function open(options) {
      return attach.call(this, { ...options, mode: 'open' });
    };
  });
  for (const colorScheme of ['light', 'dark']) {
    await visitor.page.emulateMedia({ colorScheme });
    await visitor.page.goto(`${town.shop.base}/keyboard`);
    await widgetSays(visitor.page, HERE);
    await checkAccessible(visitor.page, `the closed widget, ${colorScheme}`);
    await press(visitor.page);
    await checkAccessible(visitor.page, `the open widget, ${colorScheme}`);
  }
  town.stage.step('axe finds no violations, open or closed, light or dark');
}

async function movesNothing(town) {
  const body = `<h1>A shop</h1>${'<p>Something to read, so that there is something to scroll.</p>'.repeat(40)}`;
  const sizes = (page) =>
    page.evaluate(() =>
      [document.documentElement, document.body].flatMap((one) => [one.scrollWidth, one.scrollHeight]),
    );
  const without = await visit(town, '/without', body);
  const { page, context } = await town.stage.visit({ websites: [town.shop] });
  await context.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().map(({ value }) => value))).observe({
      type: 'layout-shift',
      buffered: true,
    });
  });
  const address = town.shop.page('/with', `${body}${snippet(town.base, town.acme.widgetKey)}`, {
    policy: strict(town.base),
  });
  await page.goto(address);
  await widgetSays(page, HERE);
  await press(page);
  same(await sizes(page), await sizes(without.page), 'the scroll size of the page');
  const shifts = await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => resolve(globalThis.shifts))),
  );
  same(shifts, [], 'layout shifts');
  town.stage.step('the layout of the page does not shift');
}

async function withstandsStyles(town) {
  const tag = snippet(town.base, town.acme.widgetKey);
  const plain = await visit(town, '/plain', tag);
  // The text direction and the documented custom properties are inherited; nothing else.
  town.shop.file(
    '/hostile.css',
    'text/css',
    `html { font-size: 40px }
    * { all: revert; color: lime !important; font: 40px cursive !important; letter-spacing: 9px !important; margin: 30px !important;
      text-transform: uppercase !important; display: none !important; visibility: hidden !important; opacity: 0.1 !important;
      position: static !important; zoom: 3 !important; --surface: red; --ink: red }
    html, body { display: block !important; visibility: visible !important; opacity: 1 !important; zoom: 1 !important;
      margin: 0 !important; background: white !important }
    deskbell-widget::before { content: "ha" !important; display: block !important; height: 90px !important }
    button { border: 9px dashed red !important; background: red !important }
    ${OWN_PROPERTIES.map(
      (name) => `@property ${name} { syntax: "<length>"; inherits: true; initial-value: 0px }`,
    ).join('\n')}`,
  );
  const policy = `${strict(town.base)}; style-src ${town.shop.base}`;
  const head = '<link rel="stylesheet" href="/hostile.css">';
  const hostile = await visit(town, '/hostile', tag, { policy, head });
  const [wanted, found] = await Promise.all(
    [plain, hostile].map(async ({ page }) => {
      await widgetSays(page, HERE);
      const { box, boxes } = await press(page);
      return { box, boxes, picture: (await page.screenshot()).toString('base64') };
    }),
  );
  await town.stage.picture(hostile.page, 'widget-hostile');
  same([found.box, found.boxes], [wanted.box, wanted.boxes], 'the position');
  check(
    found.picture === wanted.picture,
    'the styles of the page reach into it: compare widget-hostile and widget-open',
  );
  const reached = await hostile.page.evaluate(
    (names) => names.filter((name) => getComputedStyle(document.body).getPropertyValue(name) !== '0px'),
    OWN_PROPERTIES,
  );
  same(reached, [], 'properties that the page could not override');
  town.stage.step('the styles of the page do not reach into it');
}

async function takesAttributes(town) {
  const attributes = 'data-position="top-left" data-theme="dark" data-open data-text-available="Chat away!"';
  const { page } = await visit(town, '/attributes', snippet(town.base, town.acme.widgetKey, attributes));
  const { isOpen, box } = await widgetSays(page, 'Chat away!');
  same([isOpen, box.x, box.y], [true, 16, 16], 'open, at the top left');
  await town.stage.picture(page, 'widget-attributes');
  await page.evaluate(() => document.querySelector('deskbell-widget').setAttribute('data-position', 'bottom-right'));
  check((await widget(page)).box.y > 600, 'a later change of the attribute has no effect');
  town.stage.step('attributes set its position, theme and texts');
}

async function speaksThePagesLanguage(town) {
  const { page } = await visit(town, '/cs', snippet(town.base, town.acme.widgetKey), {
    lang: 'cs',
    narrow: true,
    dark: true,
  });
  same((await widgetSays(page, 'Jsme tu pro vás')).region, 'Dostupnost', 'the region');
  same((await press(page)).heading, 'Kdo je tu právě pro vás', 'the heading');
  same(await page.evaluate(() => document.documentElement.scrollWidth), 360, 'the width on a page of 360 px');
  await town.stage.picture(page, 'widget-cs-360-dark');
  town.stage.step('it uses the language of the page, and fits a narrow one');
}

async function staysHidden(town) {
  await town.acme.setPhoto(town.acme.owner, await portrait(town.stage.browser, { colour: '#2f6fb5' }));
  const photos = [];
  const { page, context } = await town.stage.visit({ websites: [town.shop] });
  context.on('request', (request) => request.url().includes('/photos/') && photos.push(request.url()));
  await page.goto(
    town.shop.page('/hidden', snippet(town.base, town.acme.widgetKey, 'data-hidden'), { policy: strict(town.base) }),
  );
  const state = () => page.evaluate(() => globalThis.deskbell?.availability);
  await until(
    state,
    (now) => now?.operators.length === 2 && now.operators.some(({ photoUrl }) => photoUrl),
    'the state, for the script of the page',
  );
  await town.acme.deactivate(town.bob);
  await until(state, (now) => now?.operators.length === 1, 'the state after a change');
  await town.acme.activate(town.bob);
  same([(await widget(page)).pill, photos], [null, []], 'what a hidden widget shows and fetches');
  await page.evaluate(() => document.querySelector('deskbell-widget').removeAttribute('data-hidden'));
  await until(
    () => photos.length,
    (count) => count > 0,
    'a photo, once it is shown',
  );
  town.stage.step('a page that draws its own button gets the state, and no photos are fetched');
}

async function sharesOneConnection(town) {
  const globex = await company(town.base, { name: 'Globex' });
  await globex.deactivate(globex.owner);
  const tags = [
    snippet(town.base, ` ${town.acme.widgetKey}\n`),
    snippet(town.base, town.acme.widgetKey),
    snippet(town.base, globex.widgetKey, 'data-position="bottom-left"'),
  ];
  const { page, sockets } = await visit(town, '/several', tags.join(''));
  const said = async () => (await widgets(page)).map(({ pill }) => pill).sort();
  await until(said, (all) => all.join() === [AWAY, HERE].sort().join(), 'a widget for each key');
  await globex.activate(globex.owner);
  await until(said, (all) => all.join() === [HERE, HERE].join(), 'a change of the second key');
  same(sockets, [`${town.base.replace('http', 'ws')}/graphql`], 'the connections');
  await town.stage.picture(page, 'widget-two-keys');
  town.stage.step('several scripts and keys share one connection');
}

async function doesWithoutWebSockets(town) {
  const visitor = await town.stage.visit({ websites: [town.shop] });
  const streams = [];
  visitor.context.on(
    'request',
    (request) => request.headers().accept === 'text/event-stream' && streams.push(request.url()),
  );
  await visitor.page.routeWebSocket(/graphql/, (socket) => socket.close());
  await visitor.page.goto(
    town.shop.page('/stream', snippet(town.base, town.acme.widgetKey), { policy: strict(town.base) }),
  );
  await widgetSays(visitor.page, HERE);
  check(streams.length > 0, 'no event stream was requested');
  await press(visitor.page);
  await town.acme.deactivate(town.bob);
  await until(
    () => widget(visitor.page),
    ({ people }) => people.length === 1,
    'a change, by event stream',
    2_000,
  );
  await town.acme.activate(town.bob);
  town.stage.step('event streams replace blocked WebSockets');
}

async function warnsOfAnUnknownKey(town) {
  const key = 'wk_AAAAAAAAAAAAAAAAAAAAAA';
  const visitor = await town.stage.visit({ websites: [town.shop] });
  visitor.forgive(/widget key ".*" not found/);
  const warnings = [];
  visitor.context.on('console', (message) => warnings.push(message.text()));
  await visitor.page.goto(
    town.shop.page('/unknown', `${snippet(town.base, key)}${snippet(town.base, key)}`, { policy: strict(town.base) }),
  );
  await until(
    () => warnings,
    (all) => all.length > 0,
    'a warning',
  );
  same([warnings.length, (await widget(visitor.page)).pill], [1, null], 'warnings, and what is shown');
  check(warnings[0].includes(key), `the warning names no key: ${warnings[0]}`);
  town.stage.step('an unknown key logs one warning, and shows nothing');
}
