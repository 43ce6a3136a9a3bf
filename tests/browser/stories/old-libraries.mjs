import { readFileSync } from 'node:fs';
import { same, until } from '../../clients/check.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { portrait } from '../stage/photo.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { portraits, press, widget, widgetSays } from '../stage/widget.mjs';

export const title = 'On pages with libraries that replace built-ins, the widget shows the availability as elsewhere';

const file = (path) => readFileSync(new URL(`../${path}`, import.meta.url));

/** Scripts on the page before the widget, by name. */
const LIBRARIES = {
  'prototype-1.7': [file('fixtures/prototype-1.7.js')],
  'mootools-1.4': [
    file('node_modules/mootools/lib/mootools-core-1.4.5-server.js'),
    file('fixtures/mootools-1.4-dom.js'),
  ],
  'all-of-it': [`(${replaceAll})()`],
  // Constants, classes and functions of the page. Functions replace those of the window.
  'names-of-its-own': [
    `const URL = '/api', Error = 404, JSON = {}, Date = null; class Intl {} class WebSocket {} class AbortController {}
     const performance = 'tonight', customElements = [], setTimeout = 30, clearTimeout = null, createImageBitmap = 1;
     const navigator = { language: 7 }, fetch = 'the ball';
     function Map(city) {} function Set(cards) {} var Symbol = 'ACME', Text = '', Image = 7, Option = {};`,
  ],
};

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base, { seats: 2 });
  const bob = await acme.operator(newcomer('Bob'), { isActive: true });
  await acme.setPhoto(bob, await portrait(stage.browser, { colour: '#2f6fb5' }));
  const shop = await stage.website();

  for (const [name, scripts] of Object.entries(LIBRARIES)) {
    const tags = scripts.map((script, index) => {
      const address = shop.file(`/${name}-${index}.js`, 'text/javascript; charset=utf-8', script);
      return `<script src="${address}"></script>`;
    });
    const { page } = await stage.visit({ websites: [shop] });
    const policy = strict(base).replace('script-src', `script-src ${shop.base}`);
    const noted = `<script src="${shop.file('/note.js', 'text/javascript', `(${noteInTitle})()`)}"></script>`;
    const line = snippet(base, acme.widgetKey, 'data-chat="off"');
    await page.goto(shop.page(`/${name}`, line, { policy, head: [...tags, noted].join('') }));
    await widgetSays(page, 'We are available');
    same((await press(page)).people, [[acme.owner.name], ['Bob']], `${name}: the people`);
    // In the pill and in the panel.
    await until(
      () => portraits(page),
      (all) => all.join() === 'AL,photo,AL,photo',
      `${name}: the portraits`,
    );
    await until(
      () => page.title(),
      (said) => said === 'available 2',
      `${name}: what the page is told`,
    );
    await acme.deactivate(bob);
    await until(
      () => widget(page),
      ({ people }) => people.length === 1,
      `${name}: a change`,
    );
    await until(
      () => page.title(),
      (said) => said === 'available 1',
      `${name}: what the page is told of a change`,
    );
    await acme.activate(bob);
    stage.step(`a page with ${name} shows initials, photos and changes`);
  }

  // Removed by a script of the page: the test's own replacement for WebSockets needs the built-ins.
  const noSockets = shop.file('/no-sockets.js', 'text/javascript', 'delete globalThis.WebSocket;');
  const streamed = await stage.visit({ websites: [shop] });
  await streamed.page.goto(
    shop.page('/streams', snippet(base, acme.widgetKey), {
      head: `<script src="${noSockets}"></script><script src="${shop.base}/prototype-1.7-0.js"></script>`,
    }),
  );
  await widgetSays(streamed.page, 'We are available');
  same(streamed.sockets, [], 'sockets');
  stage.step('event streams work as well');
}

/**
 * Runs in the page: writes events into the title, which can be read without the page's built-ins.
 */
function noteInTitle() {
  addEventListener('deskbell:availability', ({ detail: { availability } }) => {
    document.title = availability?.isAvailable ? `available ${availability.operators.length}` : 'away';
  });
}

/**
 * Runs in the page: replaces all built-ins that some library is known to replace with functions
 * that throw.
 */
function replaceAll() {
  const REPLACED = [
    [Array, 'from of'],
    [
      Array.prototype,
      'at entries every fill filter find findIndex findLast flat flatMap forEach includes indexOf keys lastIndexOf map reduce reverse some sort toJSON',
    ],
    [Object, 'assign entries fromEntries hasOwn keys values'],
    [Object.prototype, 'each toJSON'],
    [Function.prototype, 'bind'],
    [
      String.prototype,
      'at endsWith includes padEnd padStart repeat replaceAll startsWith toJSON trim trimEnd trimStart',
    ],
    [Element.prototype, 'after append before closest matches prepend remove replaceChildren replaceWith'],
    [DOMTokenList.prototype, 'toggle'],
    [JSON, 'stringify'],
    [globalThis, 'Event EventSource Promise Request'],
  ];
  for (const [holder, names] of REPLACED) {
    for (const name of names.split(' ')) {
      holder[name] = function replaced() {
        throw new Error(`${name} was replaced by a library`);
      };
    }
  }
}
