import { readFileSync } from 'node:fs';
import { check, same } from '../../clients/check.mjs';
import { chat, chatIs, clickOn, conversationOf, openChat, talks, writes } from '../stage/chat-reader.mjs';
import { company } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { widgetSays } from '../stage/widget.mjs';

export const title = 'The chat works on pages whose styles, libraries, key handlers and forms get in its way';

const HERE = 'We are available';
const file = (path) => readFileSync(new URL(`../${path}`, import.meta.url));

const STYLES = {
  'all: unset': '* { all: unset !important }',
  'hidden buttons and fields': `button, textarea, input, section, header, h2, ul, p { display: none !important; visibility: hidden !important }
    [hidden] { display: block !important }`,
  'huge text': `html { font-size: 90px !important } * { font: 60px/3 cursive !important; letter-spacing: 9px !important;
    text-transform: uppercase !important; word-spacing: 30px !important; text-indent: 40px !important }`,
  'rules for the element': `deskbell-widget, deskbell-widget * { display: none !important; position: static !important; opacity: 0 !important;
    width: 900px !important; transform: scale(3) !important; pointer-events: none !important; user-select: none !important;
    filter: blur(9px) !important; contain: strict !important; color: lime !important }
    deskbell-widget::before, deskbell-widget::after { content: 'ha' !important; display: block !important; height: 90px !important }`,
  'properties with the names of its own': [
    ...new Set(readFileSync(new URL('../../../web/widget/src/chat/chat.css', import.meta.url), 'utf8').match(/--deskbell--[\w-]+(?=:)/g)),
  ]
    .map((name) => `@property ${name.replace('--deskbell', '')} { syntax: "<length>"; inherits: true; initial-value: 0px }`)
    .join('\n'),
};

/** Scripts on the page before the widget. */
const SCRIPTS = {
  'Array.prototype.toJSON': ['Array.prototype.toJSON = () => "an array";'],
  'String.prototype.toJSON': ['String.prototype.toJSON = function toJSON() { return `"${this}"`; };'],
  'additions to Object.prototype': [
    `for (const name of ['each', 'clone', 'extend', 'toJSON', 'isEmpty', 'get', 'set', 'length'])
       Object.prototype[name] = function added() { return this; };
     Object.prototype.version = '1.0';`,
  ],
  'Prototype 1.7': [file('fixtures/prototype-1.7.js')],
  'MooTools 1.4': [
    file('node_modules/mootools/lib/mootools-core-1.4.5-server.js'),
    file('fixtures/mootools-1.4-dom.js'),
  ],
  'its own Map, Set and Promise': [
    `globalThis.Map = function Map() { this.rows = []; };
     globalThis.Set = class Set { has() { return true; } };
     globalThis.WeakMap = globalThis.Set;
     globalThis.Promise = function Promise() { throw new Error('a Promise of the page'); };`,
  ],
  'names of its own': [
    `const URL = '/api', Error = 404, JSON = {}, Date = null, Number = 1, Math = {}, KeyboardEvent = 'piano';
     class Intl {} class WebSocket {} class AbortController {} class Uint8Array {} class AudioContext {}
     let Array = [], Object = 'thing', String = 'string';
     const performance = 'tonight', customElements = [], setTimeout = 30, clearTimeout = null, localStorage = {};
     const crypto = 'secret', matchMedia = false, navigator = { language: 7 }, fetch = 'the ball';
     function Map(city) {} function Set(cards) {} var Symbol = 'ACME', Text = '', Image = 7, Option = {};`,
  ],
};

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base);
  const shop = await stage.website();
  const town = { stage, acme, shop, base };

  await withstandsStyles(town);
  for (const [name, scripts] of Object.entries(SCRIPTS)) {
    const { page } = await visit(town, name, scripts);
    await openChat(page);
    await talks(page, acme, { word: `“Hello”, said \\ {name}: ${name}`, answer: `To ${name}` });
    stage.step(`${name}: a message and its answer`);
  }
  await keepsKeysToItself(town);
  await sendsNoForm(town);
}

/** Opens a page with scripts before the widget. */
async function visit({ stage, acme, shop, base }, name, scripts, body = '') {
  const visitor = await stage.visit({ websites: [shop] });
  const path = `/${name.replaceAll(/\W+/g, '-')}`;
  const tags = scripts.map((script, index) => {
    const address = shop.file(`${path}-${index}.js`, 'text/javascript; charset=utf-8', script);
    return `<script src="${address}"></script>`;
  });
  const policy = strict(base).replace('script-src', `script-src ${shop.base}`);
  const line = body || snippet(base, acme.widgetKey);
  await visitor.page.goto(shop.page(path, line, { policy, head: tags.join('') }));
  await widgetSays(visitor.page, HERE);
  return visitor;
}

async function withstandsStyles(town) {
  const { stage, acme, shop, base } = town;
  const look = async (name, css) => {
    const { page } = await stage.visit({ websites: [shop] });
    const path = `/${name.replaceAll(/\W+/g, '-')}`;
    shop.file(`${path}.css`, 'text/css', css);
    const policy = `${strict(base)}; style-src ${shop.base}`;
    const head = `<link rel="stylesheet" href="${path}.css">`;
    await page.goto(shop.page(path, snippet(base, acme.widgetKey), { policy, head }));
    await widgetSays(page, HERE);
    await openChat(page);
    await chatIs(page, ({ focus }) => focus === 'text', `the focus in the composer: ${name}`);
    // Away from the composer, where the caret blinks.
    await clickOn(page, 'log');
    const { boxes } = await chatIs(page, ({ focus }) => focus === 'log', `the focus in the log: ${name}`);
    const clip = { x: boxes.panel.x - 10, y: boxes.panel.y - 10, width: 400, height: 680 };
    const picture = (await page.screenshot({ clip })).toString('base64');
    await stage.picture(page, `chat-hostile${path}`.replaceAll('/', '-'));
    return { page, boxes, picture };
  };
  const plain = await look('plain', '');
  for (const [name, css] of Object.entries(STYLES)) {
    const found = await look(name, css);
    same(found.boxes, plain.boxes, `${name}: the places`);
    check(found.picture === plain.picture, `${name}: the styles of the page reach into the chat`);
    await talks(found.page, acme, { word: `Hello, ${name}` });
    stage.step(`${name}: looks as elsewhere`);
  }
}

async function keepsKeysToItself(town) {
  const handlers = `
    globalThis.seen = [];
    const see = (event) => {
      globalThis.seen.push(event.type + ' ' + event.key);
      event.preventDefault();
    };
    document.onkeydown = document.onkeypress = document.onkeyup = see;
    for (const type of ['keydown', 'keypress', 'keyup', 'input', 'submit'])
      for (const target of [globalThis, document.documentElement]) target.addEventListener(type, see);`;
  const { page } = await visit(town, 'key handlers', [handlers]);
  await openChat(page);
  const word = 'jkl? /help gg 123';
  await writes(page, word);
  await page.keyboard.type('cut and paste');
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+X');
  await page.keyboard.press('Control+V');
  await page.keyboard.press('Control+V');
  await chatIs(page, ({ draft }) => draft === 'cut and pastecut and paste', 'a draft that is pasted twice');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Shift+Enter');
  await chatIs(page, ({ draft }) => draft === 'cut and pastecut and past\n', 'a draft with a second line');
  same(await page.evaluate(() => globalThis.seen), [], 'the keys that the page sees');
  await page.keyboard.press('Escape');
  await chatIs(page, ({ isOpen, focus }) => !isOpen && focus === 'pill', 'a chat that Escape closes');
  // The key was pressed in the chat, and comes up on the pill.
  same(
    await page.evaluate(() => globalThis.seen.filter((one) => !/^keyup Escape$/.test(one))),
    [],
    'the keys that the page sees when Escape closes the chat',
  );
  await conversationOf(town.acme, word);
  town.stage.step('key handlers of the page see nothing of what is written, and hinder nothing');
}

async function sendsNoForm(town) {
  const { acme, stage, base } = town;
  const element = `<deskbell-widget data-key="${acme.widgetKey}"></deskbell-widget>`;
  const body = `<form action="/elsewhere" method="post"><label>Search <input name="q" required></label>${element}
    <button>Go</button></form><script async src="${base}/widget.js"></script>`;
  const note = `globalThis.submits = 0; addEventListener('submit', (event) => { globalThis.submits += 1; event.preventDefault(); });`;
  const { page } = await visit(town, 'a form', [note], body);
  await openChat(page);
  await talks(page, acme, { word: 'Hello, form' });
  await page.keyboard.type('By the button');
  await clickOn(page, 'send');
  await chatIs(page, ({ rows, draft }) => draft === '' && rows.some(({ text }) => text === 'By the button'), 'a message');
  await clickOn(page, 'close');
  await chatIs(page, ({ isOpen }) => !isOpen, 'the closed chat');
  const facts = await page.evaluate(() => ({
    submits: globalThis.submits,
    path: location.pathname,
    fields: document.querySelector('form').elements.length,
  }));
  same(facts, { submits: 0, path: '/a-form', fields: 2 }, 'the form around it');
  same((await chat(page)).focus, 'pill', 'the focus');
  stage.step('a form around the element is not sent, and has no fields of the chat');
}
