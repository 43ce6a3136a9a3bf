import { randomBytes } from 'node:crypto';
import { same, until } from '../../clients/check.mjs';
import { chat, chatHas, chatIs, clickOn, conversationOf, openChat, talks, writes } from '../stage/chat-reader.mjs';
import { company } from '../stage/people.mjs';
import { snippet } from '../stage/website.mjs';

export const title = 'The panel follows texts of the page, sounds on one tab, and shows no operator who types while it is offline';

/** Tones of an answer come after a second, and this much later at most. */
const TONES_MS = 3_000;

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base);
  const shop = await stage.website();
  const town = { stage, base, acme, shop };

  await followsTexts(town);
  await givesTheFocusBack(town);
  await soundsOnce(town);
  await isOffline(town);
  await showsNoTime(town);
}

async function visit({ stage, base, acme, shop }, path, { attributes = '', prepare } = {}) {
  const visitor = await stage.visit({ websites: [shop] });
  await prepare?.(visitor.context);
  const body = `<main><h1>A shop</h1><button id="one">One</button><button id="two">Two</button></main>`;
  visitor.url = shop.page(path, `${body}${snippet(base, acme.widgetKey, attributes)}`);
  await visitor.page.goto(visitor.url);
  return visitor;
}

const setText = (page, name, text) =>
  page.evaluate(([its, value]) => document.querySelector('deskbell-widget').setAttribute(its, value), [name, text]);

async function followsTexts(town) {
  const { page } = await visit(town, '/texts');
  await openChat(page);
  await talks(page, town.acme, { word: 'Hello, texts' });
  const said = (shown) => shown.rows.map(({ text }) => text);
  const before = await chatIs(page, ({ rows }) => rows.length === 4, 'four rows');
  same(said(before), ['Today', 'Hello, texts', 'Ada Lovelace joined the chat', 'Good morning'], 'the rows');
  await setText(page, 'data-text-chat-joined', 'Say hello to {name}');
  await setText(page, 'data-text-chat-today', 'On this day');
  const after = await chatIs(page, (shown) => said(shown)[0] === 'On this day', 'the new text');
  same(said(after), ['On this day', 'Hello, texts', 'Say hello to Ada Lovelace', 'Good morning'], 'the rows');
  same(after.news.filter((heard) => /Good morning|Hello, texts/.test(heard)).length, 2, 'news of the messages');
  town.stage.step('texts that the page changes replace those of drawn rows');
}

async function givesTheFocusBack(town) {
  const { page } = await visit(town, '/hidden', { attributes: 'data-hidden' });
  await page.evaluate(() => {
    for (const id of ['one', 'two']) {
      document.getElementById(id).onclick = () => globalThis.deskbell.open();
    }
  });
  await page.click('#one');
  await chatIs(page, ({ focus }) => focus === 'text', 'the focus in the chat');
  await page.click('#two');
  await page.evaluate(() => globalThis.deskbell.open());
  await chatIs(page, ({ focus, isOpen }) => isOpen && focus === 'text', 'the chat that is opened again');
  await page.keyboard.press('Escape');
  await chatIs(page, ({ isOpen }) => !isOpen, 'the closed chat');
  same(await page.evaluate(() => document.activeElement.id), 'one', 'the focus after the chat');
  town.stage.step('a chat that is opened twice gives the focus back to where it was before');
}

/** Runs in the page: counts tones. */
function countTones() {
  globalThis.tones = 0;
  const { createOscillator } = AudioContext.prototype;
  AudioContext.prototype.createOscillator = function counted() {
    globalThis.tones += 1;
    return createOscillator.call(this);
  };
}

async function soundsOnce(town) {
  const { stage, acme } = town;
  const visitor = await visit(town, '/sound', {
    attributes: 'data-sound',
    prepare: (context) => context.addInitScript(countTones),
  });
  const { context, page: first } = visitor;
  await openChat(first);
  const its = await talks(first, acme, { word: 'Hello, sound' });
  await clickOn(first, 'close');
  const second = await context.newPage();
  await second.goto(visitor.url);
  await openChat(second);
  await chatHas(second, 'Good morning');
  await clickOn(second, 'close');
  const tones = async () => Promise.all([first, second].map((page) => page.evaluate(() => globalThis.tones)));
  const sum = async () => (await tones()).reduce((one, other) => one + other);
  same(await sum(), 0, 'tones before an answer');

  await acme.send(its, 'Are you there?');
  await until(sum, (count) => count > 0, 'a tone');
  await first.waitForTimeout(TONES_MS);
  same(await sum(), 1, 'tones on two tabs');

  await openChat(second);
  await chatHas(second, 'Are you there?');
  await chatIs(first, ({ badge }) => !badge, 'a tab without an unread answer');
  await acme.send(its, 'I am');
  await chatHas(second, 'I am');
  await first.waitForTimeout(TONES_MS);
  same(await sum(), 1, 'tones after an answer that is read on a tab');
  stage.step('an answer sounds on one of two tabs, and not at all if it is read on one');
}

async function isOffline(town) {
  const visitor = await visit(town, '/offline');
  visitor.forgive(/WebSocket connection to .* failed/, /Failed to load resource: net::ERR_/);
  const { page, context } = visitor;
  await openChat(page);
  await writes(page, 'Hello, offline');
  const its = await conversationOf(town.acme, 'Hello, offline');
  await town.acme.setTyping(its);
  await chatIs(page, ({ typing }) => typing, 'the operator who types');
  await context.setOffline(true);
  await page.keyboard.type('Still here');
  await page.keyboard.press('Enter');
  const lost = await chatIs(page, ({ notice }) => notice?.startsWith('Connection lost'), 'the notice');
  same(lost.typing || null, null, 'who types while the connection is lost');
  await context.setOffline(false);
  await chatIs(page, ({ notice }) => !notice, 'the connection');
  town.stage.step('without a connection, no operator types');
}

/** What other versions, or other scripts, have stored. */
async function showsNoTime(town) {
  const { base, acme } = town;
  const visitor = await visit(town, '/stored');
  const { page } = visitor;
  // Not sent as long as the panel is looked at.
  await page.route('**/graphql', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  visitor.forgive(/net::ERR_FAILED/);
  const id = randomBytes(16).toString('hex');
  await page.evaluate(
    ([server, key, its]) => {
      localStorage.setItem(`deskbell ${server} ${key} outbox`, '1');
      const entry = { id: its, text: 'From nowhere', at: 1e300, name: null, email: null };
      localStorage.setItem(`deskbell ${server} ${key} outbox ${its}`, JSON.stringify(entry));
    },
    [`${base}/`, acme.widgetKey, id],
  );
  await page.reload();
  await openChat(page);
  await writes(page, 'From now');
  same((await chat(page)).rows.filter(({ text }) => text === 'From now').length, 1, 'the message after it');
  town.stage.step('a stored message with a time that is none hinders nothing');
}
