import { check, same, until } from '../../clients/check.mjs';
import { chat, chatHas, chatIs, clickOn, conversationOf, openChat, talks, writes } from '../stage/chat-reader.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';

export const title = 'The chat in small windows, where it covers the page, and with more messages than it draws';

/** 200 % and 400 % of zoom on common screens, and phones on their side and upright. */
const SIZES = [
  [320, 256],
  [640, 360],
  [683, 325],
  [844, 390],
  [360, 640],
];

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base, { seats: 5 });
  const others = [];
  for (const name of ['Bob', 'Cy', 'Dora Evans', 'Maximiliane von Hohenlohe']) {
    others.push(await acme.operator(newcomer(name), { isActive: true, description: 'Answers before the coffee is cold' }));
  }
  const shop = await stage.website();
  const town = { stage, base, acme, shop, everyone: [acme.owner, ...others] };

  await fitsEverywhere(town);
  await keepsTheFocus(town);
  await isForTouch(town);
  await drawsTheNewest(town);
  await asksForAnAddress(town);
}

async function visit({ stage, acme, shop, base }, path, { attributes = '', ...options } = {}) {
  const visitor = await stage.visit({ websites: [shop], ...options });
  const body = `<main><h1>A shop</h1><button>Buy</button></main>${snippet(base, acme.widgetKey, attributes)}<a href="#x">More</a>`;
  await visitor.page.goto(shop.page(path, body, { policy: strict(base) }));
  await chatIs(visitor.page, ({ pill }) => pill, 'the pill');
  return visitor;
}

function checkFits({ boxes, overflow }, [width, height], lowest, where) {
  const { send, text, log, panel } = boxes;
  for (const [name, box] of Object.entries({ send, text, panel })) {
    const isInside = box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
    check(isInside, `${where}: ${name} is cut off: ${JSON.stringify(box)}`);
  }
  check(log.height >= lowest, `${where}: the log is ${log.height} px high`);
  same(overflow, [], `${where}: what is too wide`);
}

async function fitsEverywhere(town) {
  for (const [width, height] of SIZES) {
    const where = `${width}×${height}`;
    const { page } = await visit(town, '/fits', { viewport: { width, height } });
    await openChat(page);
    const open = await chatIs(page, ({ people }) => people.length === 5, 'five operators');
    checkFits(open, [width, height], 80, where);
    same(open.boxes.panel, { x: 0, y: 0, width, height }, `${where}: the panel`);
    await page.keyboard.type(`Hello from ${where}`);
    await clickOn(page, 'send');
    await chatHas(page, `Hello from ${where}`);
    const its = await conversationOf(town.acme, `Hello from ${where}`);
    await town.acme.send(its, 'Good morning');
    await town.acme.setTyping(its);
    const typing = await chatIs(page, (shown) => shown.typing, 'the operator who types');
    checkFits(typing, [width, height], 60, `${where}, with an operator who types`);
    await page.keyboard.insertText('A line\nand another\n'.repeat(9));
    const full = await chatIs(page, ({ boxes }) => boxes.text.height > 60, 'a text of many lines');
    checkFits(full, [width, height], 30, `${where}, with a text of many lines`);
    await town.stage.picture(page, `chat-small-${width}`);
  }
  town.stage.step('the button that sends is in the window, and the log has a height, in each size');
}

async function keepsTheFocus(town) {
  const { page } = await visit(town, '/focus', { viewport: { width: 640, height: 360 } });
  await until(
    async () => (await page.keyboard.press('Tab'), (await chat(page)).focus),
    (focus) => focus === 'pill',
    'the focus on the pill',
  );
  await page.keyboard.press('Enter');
  await chatIs(page, ({ focus }) => focus === 'text', 'the focus in the text');
  const around = async (key, wanted) => {
    const seen = [];
    for (let count = 0; count < wanted.length; count += 1) {
      await page.keyboard.press(key);
      seen.push((await chat(page)).focus);
    }
    same(seen, wanted, `where ${key} goes`);
  };
  // The operators can be scrolled here.
  await around('Tab', ['send', 'c-people', 'close', 'log', 'text', 'send']);
  await around('Shift+Tab', ['text', 'log', 'close', 'c-people', 'send', 'text']);
  await page.keyboard.press('Escape');
  await chatIs(page, ({ focus, isOpen }) => !isOpen && focus === 'pill', 'the focus on the pill');
  await page.keyboard.press('Tab');
  same((await chat(page)).focus, null, 'the focus after the pill of a closed chat');

  await page.setViewportSize({ width: 1024, height: 768 });
  await openChat(page);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  same((await chat(page)).focus, null, 'the focus after the last field, where the page is in sight');

  const dialog = await visit(town, '/opened', { viewport: { width: 640, height: 360 }, attributes: 'data-open' });
  await chatIs(dialog.page, ({ isOpen, focus }) => isOpen && focus === null, 'a chat that the page has opened');
  await dialog.page.keyboard.press('Tab');
  await chatIs(dialog.page, ({ focus }) => focus === 'c-people', 'the focus in the chat');
  town.stage.step('Tab and Shift+Tab stay in a chat that covers the page, and leave one that does not');
}

async function isForTouch(town) {
  const onItsSide = { viewport: { width: 844, height: 390 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
  const { page } = await visit(town, '/touch', onItsSide);
  same((await openChat(page, { isTap: true })).focus, 'panel', 'the focus on a touch screen');
  await page.keyboard.press('Shift+Tab');
  same((await chat(page)).focus, 'send', 'the focus before the first part');
  await clickOn(page, 'text', { isTap: true });
  await page.keyboard.type('From the side');
  await clickOn(page, 'send', { isTap: true });
  await chatHas(page, 'From the side');
  // The keyboard of a phone on its side leaves little.
  await page.evaluate(() => {
    Object.defineProperty(visualViewport, 'height', { configurable: true, get: () => 190 });
    visualViewport.dispatchEvent(new Event('resize'));
  });
  const low = await chatIs(page, ({ boxes }) => boxes.panel.height === 190, 'the panel above the keyboard');
  checkFits(low, [844, 190], 40, 'above a keyboard');
  await town.stage.picture(page, 'chat-small-keyboard');
  await clickOn(page, 'close', { isTap: true });
  await chatIs(page, ({ isOpen, focus }) => !isOpen && focus === 'pill', 'the focus after the chat');
  town.stage.step('a phone on its side: covered, too, and the focus is in the chat, without a keyboard');
}

/** Answers; `chat.js` draws 300 rows at a time. */
const ANSWERS = 330;

async function drawsTheNewest(town) {
  const { acme, stage } = town;
  const { page } = await visit(town, '/long', { viewport: { width: 1024, height: 768 } });
  await openChat(page);
  await writes(page, 'The first of many');
  const its = await conversationOf(acme, 'The first of many');
  for (let from = 1; from <= ANSWERS; from += 30) {
    for (let number = from; number < from + 30; number += 1) {
      await acme.send(its, `Answer ${number}`);
    }
  }
  const isDrawn = ({ rows }) => rows.filter(({ is }) => is === 'theirs' || is === 'own').length;
  const full = await chatIs(page, ({ rows }) => rows.at(-1).text === `Answer ${ANSWERS}`, 'all answers');
  same([isDrawn(full), full.isAtEnd], [300, true], 'the messages that are drawn');
  for (const { text } of full.rows.slice(1)) {
    same(full.news.filter((heard) => heard.split(' ').slice(-2).join(' ') === text).length, 1, `news of ${text}`);
  }

  await clickOn(page, 'log');
  await page.keyboard.press('Home');
  // Those above come, and what is read stays.
  const whole = await chatIs(page, (shown) => isDrawn(shown) === ANSWERS + 1, 'the first message');
  same(whole.news.length, full.news.length, 'what is announced while older messages come');
  const top = async () => (await chat(page)).reading;
  const before = await until(top, Boolean, 'a row in sight');
  check(/^Answer (3\d|4\d)$/.test(before.text), `what is read: ${JSON.stringify(before)}`);
  await acme.send(its, 'While you were reading');
  const more = await chatIs(page, ({ rows }) => rows.at(-1).text === 'While you were reading', 'a new answer');
  same([isDrawn(more), more.reading], [ANSWERS + 2, before], 'what is drawn and read');
  await stage.picture(page, 'chat-long');
  await clickOn(page, 'newest');
  await chatIs(page, ({ isAtEnd }) => isAtEnd, 'the end');
  await writes(page, 'I have read it');
  await chatIs(page, (shown) => isDrawn(shown) === 300, 'the newest 300 messages');
  stage.step('of a long log, the newest 300 rows are drawn, and older ones when they are scrolled to');
}

async function asksForAnAddress(town) {
  const { acme } = town;
  const { page: answered } = await visit(town, '/away');
  await openChat(answered);
  await talks(answered, acme, { word: 'Is anyone there?' });
  const { title: name } = await chatIs(answered, ({ people }) => people.length === 1, 'the operator who takes part');
  same(name, acme.owner.name, 'the name of the dialog');
  for (const operator of town.everyone) {
    await acme.deactivate(operator);
  }
  for (const [width, height] of SIZES) {
    const where = `${width}×${height}, away`;
    const { page } = await visit(town, '/away', { viewport: { width, height } });
    await openChat(page);
    checkFits(await chatIs(page, ({ boxes }) => boxes.email, 'the field'), [width, height], 50, where);
    await page.keyboard.type(`Nobody in ${where}`);
    await clickOn(page, 'send');
    await chatHas(page, `Nobody in ${where}`);
  }
  town.stage.step('an operator who takes part names the dialog, and with a field for the address, everything fits as well');
}
