import { readFileSync } from 'node:fs';
import { check, same, until } from '../../clients/check.mjs';
import {
  chat,
  chatHas,
  chatIs,
  chats,
  clickOn,
  conversationOf,
  openChat,
  switchChat,
  talks,
  writes,
} from '../stage/chat-reader.mjs';
import { company } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { press, widget, widgetSays } from '../stage/widget.mjs';

export const title = 'The chat stays with the visitor while pages change around it';

const HERE = 'We are available';
const library = (path) => readFileSync(new URL(`../node_modules/${path}`, import.meta.url));

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base);
  const shop = await stage.website();
  shop.file('/turbo.js', 'text/javascript', library('@hotwired/turbo/dist/turbo.es2017-umd.js'));
  const town = { stage, acme, shop, base, line: snippet(base, acme.widgetKey) };

  await followsTurbo(town);
  await comesBackFromTheCache(town);
  await isRemovedAndAdded(town);
  await hasTwoChats(town);
  await opensHidden(town);
  await isSwitchedByThePage(town);
  await isSwitchedByTheAccount(town);
}

async function visit({ stage, shop, base }, path, body, options = { policy: strict(base) }) {
  const visitor = await stage.visit({ websites: [shop] });
  await visitor.page.goto(shop.page(path, body, options));
  return visitor;
}

const SWAPS = {
  innerHTML: () => {
    document.body.innerHTML = '<h1>Next</h1>';
  },
  'another body': () => {
    const body = document.createElement('body');
    body.append('Another');
    document.body = body;
  },
};

async function followsTurbo(town) {
  const head = `<script src="/turbo.js"></script>${town.line}`;
  town.shop.page('/turbo/2', '<h1>Second</h1><a href="/turbo">back</a>', { head });
  const { page, sockets } = await visit(town, '/turbo', '<h1>First</h1><a href="/turbo/2">next</a>', { head });
  await widgetSays(page, HERE);
  await openChat(page);
  const its = await talks(page, town.acme, { word: 'Hello, Turbo' });
  await page.keyboard.type('Not sent yet');
  const stays = async (where) => {
    const { isOpen, draft, rows } = await chatIs(page, ({ rows }) => rows.length > 3, `the log, ${where}`);
    same([isOpen, draft], [true, 'Not sent yet'], where);
    same(rows.filter(({ text }) => text === 'Hello, Turbo').length, 1, `the message, ${where}`);
  };
  const opened = sockets.length;
  await page.getByRole('link', { name: 'next' }).click();
  await page.getByRole('heading', { name: 'Second' }).waitFor();
  await stays('on the second page');
  await page.goBack();
  await page.getByRole('heading', { name: 'First' }).waitFor();
  await stays('back on the first page');
  for (const [name, swap] of Object.entries(SWAPS)) {
    await page.evaluate(swap);
    await stays(`after ${name}`);
  }
  same(sockets.length, opened, 'sockets that were opened on the way');
  await town.acme.send(its, 'Still there?');
  await chatHas(page, 'Still there?');
  await clickOn(page, 'send');
  await chatIs(page, ({ rows, draft }) => draft === '' && rows.some(({ text }) => text === 'Not sent yet'), 'a message');
  await conversationOf(town.acme, 'Not sent yet');
  town.stage.step('a body that is replaced: open panel, log, draft and connection stay');
}

async function comesBackFromTheCache(town) {
  const { stage, acme, shop, base } = town;
  const visitor = await stage.window({ websites: [shop] });
  // Without an emulated size, a window is as large as the screen.
  const { page } = visitor;
  visitor.forgive(/Page entered Back-Forward Cache/i, /Page entered Back\/Forward/i);
  await page.goto(shop.page('/cached', `<h1>First</h1>${town.line}`, { policy: strict(base) }));
  await page.evaluate(() => {
    globalThis.isSame = true;
  });
  await widgetSays(page, HERE);
  await openChat(page);
  const its = await talks(page, acme, { word: 'Hello, cache' });
  await page.goto(shop.page('/elsewhere', '<h1>Elsewhere</h1>'));
  await acme.send(its, 'Written in the meantime');
  await page.goBack({ waitUntil: 'commit' });
  await page.getByRole('heading', { name: 'First' }).waitFor();
  check(await page.evaluate(() => globalThis.isSame), 'the page did not come from the cache');
  const { isOpen, rows } = await chatHas(page, 'Written in the meantime');
  same(isOpen, true, 'the panel');
  await widgetSays(page, HERE);
  same(
    rows.filter(({ is }) => is !== 'day').map(({ text }) => text),
    ['Hello, cache', 'Ada Lovelace joined the chat', 'Good morning', 'Written in the meantime'],
    'the log',
  );
  await writes(page, 'I am back');
  await conversationOf(acme, 'I am back');
  stage.step('a page that returns from the back/forward cache has what came in the meantime');
}

async function isRemovedAndAdded(town) {
  const { acme, base } = town;
  const body = `<h1>A shop</h1><script async src="${base}/widget.js"></script>
    <deskbell-widget data-key="${acme.widgetKey}"></deskbell-widget>`;
  const { page } = await visit(town, '/own', body);
  await widgetSays(page, HERE);
  await openChat(page);
  const its = await talks(page, acme, { word: 'Hello, element' });
  await page.keyboard.type('A draft');
  await page.evaluate(() => {
    globalThis.mine = document.querySelector('deskbell-widget');
    globalThis.mine.remove();
  });
  same(await chats(page), [], 'chats on a page without the element');
  await until(
    () => page.evaluate(() => globalThis.deskbell.availability),
    (known) => known === null,
    'the end of the connection',
  );
  await acme.send(its, 'Written while it was away');
  await page.evaluate(() => document.body.append(globalThis.mine));
  const back = await chatHas(page, 'Written while it was away');
  same([back.isOpen, back.draft], [true, 'A draft'], 'the panel of an element that was added again');
  await clickOn(page, 'send');
  await conversationOf(acme, 'A draft');
  town.stage.step('an element that is removed and added again has its log, and what was written');
}

async function hasTwoChats(town) {
  const { stage, acme, shop, base } = town;
  const globex = await company(base, { name: 'Globex' });
  const visitor = await stage.visit({ websites: [shop] });
  const { page } = visitor;
  const tags = [town.line, snippet(base, globex.widgetKey, 'data-position="bottom-left"')];
  await page.goto(shop.page('/two', tags.join(''), { policy: strict(base) }));
  // In any order: the scripts are async.
  const fromRight = (one, other) => other.boxes.pill.x - one.boxes.pill.x;
  const pair = (isRight, what) =>
    until(
      async () => (await chats(page)).filter(({ boxes }) => boxes.pill).sort(fromRight),
      (all) => all.length === 2 && all.every((one, index) => isRight(one, index)),
      what,
    );
  const at = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  const closed = await pair(({ pill }) => pill === HERE, 'two pills');
  await page.mouse.click(...at(closed[0].boxes.pill));
  await page.mouse.click(...at(closed[1].boxes.pill));
  const open = await pair(({ isOpen }) => isOpen, 'two open chats');
  check(open[0].boxes.panel.x > 600 && open[1].boxes.panel.x < 600, 'the panels are not on two sides');
  const companies = [acme, globex];
  for (const [index, one] of companies.entries()) {
    await page.mouse.click(...at(open[index].boxes.text));
    await page.keyboard.type(`To company ${index}`);
    await page.keyboard.press('Enter');
    await one.send(await conversationOf(one, `To company ${index}`), `From company ${index}`);
  }
  const both = await pair(
    ({ rows }, index) => rows.at(-1)?.text === `From company ${index}`,
    'the answers of both companies',
  );
  for (const [index, { rows }] of both.entries()) {
    check(!rows.some(({ text }) => text.includes(`company ${1 - index}`)), 'a chat shows messages of the other');
  }
  same(
    await page.evaluate(() => Object.keys(localStorage).filter((name) => /token/.test(name)).length),
    1,
    'tokens of the page',
  );
  await stage.picture(page, 'chat-two-keys');
  stage.step('two keys on a page have two chats, with one token');
}

async function opensHidden(town) {
  const { acme, base } = town;
  const body = `<h1>A shop</h1><button id="own">Chat with us</button>${snippet(base, acme.widgetKey, 'data-hidden')}`;
  const { page } = await visit(town, '/hidden', body);
  await until(() => page.evaluate(() => globalThis.deskbell?.availability?.isAvailable ?? null), Boolean, 'a state');
  same((await widget(page)).pill, null, 'the pill');
  await page.evaluate(() => document.querySelector('#own').addEventListener('click', () => globalThis.deskbell.open()));
  await page.getByRole('button', { name: 'Chat with us' }).click();
  const { boxes } = await chatIs(page, ({ isOpen }) => isOpen, 'the chat that the page opens');
  same(boxes.pill, null, 'the pill of a hidden element');
  const its = await talks(page, acme, { word: 'Hello, hidden' });
  await town.stage.picture(page, 'chat-hidden-pill');
  await page.keyboard.press('Escape');
  await chatIs(page, ({ isOpen }) => !isOpen, 'the closed chat');
  same(await page.evaluate(() => document.activeElement.id), 'own', 'the focus after Escape');
  await page.evaluate(() => {
    globalThis.deskbell.on('chat', (state) => {
      globalThis.chatState = state;
    });
  });
  await acme.send(its, 'An answer for the page');
  await until(() => page.evaluate(() => globalThis.chatState?.unreadCount), (count) => count === 1, 'the count');
  const unseen = await chat(page);
  same([unseen.preview, unseen.badge], [null, null], 'what a hidden element shows of an answer');
  await page.evaluate(() => globalThis.deskbell.open());
  await chatHas(page, 'An answer for the page');
  await page.evaluate(() => globalThis.deskbell.close());
  await chatIs(page, ({ isOpen }) => !isOpen, 'the chat that the page closes');
  town.stage.step('a page with data-hidden opens and closes the chat by itself');
}

async function isSwitchedByThePage(town) {
  const { page } = await visit(town, '/switch', `<h1>A shop</h1>${town.line}`);
  await widgetSays(page, HERE);
  await openChat(page);
  await talks(page, town.acme, { word: 'Hello, switch' });
  const set = (value) =>
    page.evaluate((to) => document.querySelector('deskbell-widget').setAttribute('data-chat', to), value);
  await set('off');
  await showsAvailability(town, page);
  await set('on');
  await chatHas(page, 'Hello, switch');
  same((await chat(page)).isPlain, false, 'the panel of the availability');
  town.stage.step('data-chat="off" while the chat is open shows the availability, until it is removed');
}

async function isSwitchedByTheAccount(town) {
  const { acme, stage } = town;
  const { page } = await visit(town, '/account', `<h1>A shop</h1>${town.line}`);
  await widgetSays(page, HERE);
  await openChat(page);
  await talks(page, acme, { word: 'Hello, account' });
  await switchChat(acme, false);
  await showsAvailability(town, page);
  await stage.picture(page, 'chat-switched-off');
  await clickOn(page, 'pill');
  await until(
    () => widget(page),
    ({ isOpen }) => !isOpen,
    'the closed panel',
  );
  same((await press(page)).people, [[acme.owner.name]], 'the panel, opened again');
  await switchChat(acme, true);
  const back = await chatHas(page, 'Hello, account');
  same([back.isOpen, back.isPlain], [true, false], 'the chat that is back');
  await writes(page, 'And again');
  await conversationOf(acme, 'And again');
  stage.step('an account that switches the chat off and on again: so do open widgets');
}

async function showsAvailability({ acme }, page) {
  await until(
    () => chat(page),
    ({ isPlain, hasChat, isOpen }) => isPlain && !hasChat && !isOpen,
    'the panel of the availability',
  );
  const { heading, people, isOpen } = await widget(page);
  same([heading, people, isOpen], ['Here for you now', [[acme.owner.name]], true], 'the availability');
}
