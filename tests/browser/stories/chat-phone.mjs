import { readFileSync } from 'node:fs';
import { check, same, until } from '../../clients/check.mjs';
import { checkAccessible } from '../stage/axe.mjs';
import { NARROW, WIDE } from '../stage/browser.mjs';
import {
  chat,
  chatHas,
  chatIs,
  clickOn,
  conversationOf,
  openChat,
  talks,
  writes,
} from '../stage/chat-reader.mjs';
import { company } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { widgetSays } from '../stage/widget.mjs';

export const title = 'The chat on a phone, in Czech, by keyboard only, for screen readers and in all colours';

const HERE = 'We are available';
const PHONE = { width: 360, height: 640 };
const KEYBOARD_PX = 300;

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base);
  await acme.update(acme.owner, { description: 'Answers questions about orders' });
  const shop = await stage.website();
  const town = { stage, acme, shop, base };

  await fillsAPhone(town);
  await fillsAPhoneInEveryCorner(town);
  await speaksCzech(town);
  await obeysTheKeyboard(town);
  await isReadOnce(town);
  await isAccessible(town);
  await obeysTheSystem(town);
}

async function visit({ stage, acme, shop, base }, path, { attributes = '', lang, ...options } = {}) {
  const visitor = await stage.visit({ websites: [shop], ...options });
  const body = `<main><h1>A shop</h1>${'<p>Something to read.</p>'.repeat(30)}</main>${snippet(base, acme.widgetKey, attributes)}`;
  await visitor.page.goto(shop.page(path, body, { policy: strict(base), lang }));
  await chatIs(visitor.page, ({ pill }) => pill, 'the pill');
  return visitor;
}

const onAPhone = { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

async function fillsAPhone(town) {
  const { stage, acme } = town;
  const { page } = await visit(town, '/phone', onAPhone);
  const tap = (part) => clickOn(page, part, { isTap: true });
  const open = await openChat(page, { isTap: true });
  same(open.boxes.panel, { x: 0, y: 0, ...PHONE }, 'the panel on a phone');
  same([open.fontSize, open.focus], ['16px', 'panel'], 'the size of the text, and the focus');
  check(open.boxes.close.width >= 32 && open.boxes.send.height >= 40, 'a target is small');

  await tap('text');
  await chatIs(page, ({ focus }) => focus === 'text', 'the focus in the composer');
  await showKeyboard(page, true);
  const squeezed = await chatIs(page, ({ boxes }) => boxes.panel.height === PHONE.height - KEYBOARD_PX, 'less height');
  const { composer, head } = squeezed.boxes;
  same([head.y, composer.y + composer.height], [0, PHONE.height - KEYBOARD_PX], 'header and composer above the keyboard');
  // Enter begins a line on phones.
  await page.keyboard.type('Hello from');
  await page.keyboard.press('Enter');
  await page.keyboard.type('a phone');
  await tap('send');
  const word = 'Hello from\na phone';
  await chatHas(page, word);
  const its = await conversationOf(acme, word);
  const long = `Donaudampfschiff${'fahrtsgesellschaft'.repeat(40)} https://example.com/${'a'.repeat(300)}`;
  for (const text of ['Good morning', long, 'And one more', 'The last one']) {
    await acme.send(its, text);
  }
  const full = await chatHas(page, 'The last one');
  same([full.isAtEnd, full.overflow], [true, []], 'the end of the log, and what is too wide');
  same(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width, 'the width of the page');
  await stage.picture(page, 'chat-phone-keyboard');
  await showKeyboard(page, false);
  const whole = await chatIs(page, ({ boxes }) => boxes.panel.height === PHONE.height, 'the whole height again');
  same(whole.isAtEnd, true, 'the end of the log');
  await stage.picture(page, 'chat-phone');
  await tap('close');
  await chatIs(page, ({ isOpen, boxes }) => !isOpen && boxes.pill, 'the closed chat');
  stage.step('a phone: it covers the screen, and the composer stays above the keyboard');
}

/**
 * Browsers of phones make the visual viewport smaller for a keyboard, and leave the page as it is.
 * No emulation does that, so the page's `visualViewport` is replaced, and says so.
 */
const showKeyboard = (page, isShown) =>
  page.evaluate(
    ([height]) => {
      Object.defineProperty(visualViewport, 'height', { configurable: true, get: () => height });
      visualViewport.dispatchEvent(new Event('resize'));
    },
    [PHONE.height - (isShown ? KEYBOARD_PX : 0)],
  );

async function fillsAPhoneInEveryCorner(town) {
  for (const position of ['top-left', 'top-right', 'bottom-left']) {
    const { page } = await visit(town, `/phone-${position}`, { attributes: `data-position="${position}"`, ...onAPhone });
    const { boxes } = await openChat(page, { isTap: true });
    same(boxes.panel, { x: 0, y: 0, ...PHONE }, `the panel of ${position} on a phone`);
  }
  town.stage.step('a phone: it covers the screen, whatever the corner');
}

/** The texts of a language, from both files of the widget, as patterns. */
async function vocabulary(language) {
  const patterns = [];
  for (const folder of ['src', 'src/chat']) {
    const source = readFileSync(new URL(`../../../web/widget/${folder}/texts.${language}.ts`, import.meta.url), 'utf8');
    const plain = source.replaceAll(/^import type .*$/gm, '').replace(/: Record<TextName, string>/, '');
    const [texts] = Object.values(await import(`data:text/javascript,${encodeURIComponent(plain)}`));
    for (const text of Object.values(texts)) {
      const escaped = text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '.+');
      patterns.push(new RegExp(`^${escaped}$`));
    }
  }
  return (text) => /^[×⋯\d+]+$/.test(text) || patterns.some((pattern) => pattern.test(text));
}

async function speaksCzech(town) {
  const { stage, acme } = town;
  const { page } = await visit(town, '/cs', { lang: 'cs', ...onAPhone, colorScheme: 'dark', hasTouch: false });
  const isCzech = await vocabulary('cs');
  const checkWords = async (where) => {
    const { words, lang } = await chat(page);
    check(words.length > 3, `few words ${where}`);
    same([words.filter((word) => !isCzech(word)), lang], [[], 'cs'], `what is not Czech ${where}`);
  };
  await openChat(page);
  await checkWords('in a fresh chat');
  await writes(page, 'Dobrý den');
  const its = await conversationOf(acme, 'Dobrý den');
  await acme.send(its, 'Dobrý den, co pro vás mohu udělat?');
  await chatIs(page, ({ rows }) => rows.some(({ text }) => text === 'Ada Lovelace je v chatu'), 'the join');
  await acme.setTyping(its);
  await chatIs(page, ({ typing }) => typing === 'Ada Lovelace píše…', 'the operator who types');
  await checkWords('while an operator types');
  await stage.picture(page, 'chat-phone-cs-dark');
  await clickOn(page, 'more');
  await chatIs(page, ({ boxes }) => boxes.end, 'the menu');
  await checkWords('in the menu');
  await clickOn(page, 'end');
  const ended = await chatIs(page, ({ rows }) => rows.at(-1).text === 'Ukončili jste chat.', 'the end');
  same(ended.typing || null, null, 'who types in a chat that has ended');
  await checkWords('after the end');
  await acme.deactivate(acme.owner);
  await chatIs(page, ({ boxes }) => boxes.email, 'the field for the address');
  await clickOn(page, 'email');
  await page.keyboard.type('nobody');
  await clickOn(page, 'text');
  await page.keyboard.insertText('A'.repeat(4_001));
  await chatIs(page, ({ fault }) => fault, 'the text that is too long');
  await chatIs(page, ({ isAtEnd }) => isAtEnd, 'the log at its end, above a composer that has grown', 2_000);
  await checkWords('with a text that is too long');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await chatIs(page, ({ emailFault }) => emailFault, 'the fault of the address');
  await checkWords('with an address that is none');
  await stage.picture(page, 'chat-phone-cs-away');
  await acme.activate(acme.owner);
  stage.step('a Czech page: all texts are Czech, in each state');
}

async function obeysTheKeyboard(town) {
  const { stage, acme } = town;
  const { page } = await visit(town, '/keys');
  const focused = (part) => chatIs(page, ({ focus }) => focus === part, `the focus on ${part}`);
  const press = async (key, part) => {
    await page.keyboard.press(key);
    return focused(part);
  };
  await press('Tab', 'pill');
  await press('Enter', 'text');
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await chatHas(page, 'By keyboard');
  await acme.send(await conversationOf(acme, 'By keyboard'), 'See https://example.com/help, please');
  await chatHas(page, 'See https://example.com/help, please');
  await press('Tab', 'send');
  await press('Shift+Tab', 'text');
  await page.keyboard.press('Shift+Tab');
  // The link in the answer.
  await chatIs(page, ({ focus }) => focus === '', 'the focus on the link');
  await press('Shift+Tab', 'log');
  await press('Shift+Tab', 'close');
  await press('Shift+Tab', 'more');
  await press('Enter', 'end');
  await stage.picture(page, 'chat-menu');
  const closedMenu = await press('Escape', 'more');
  same([closedMenu.boxes.end, closedMenu.isOpen], [null, true], 'the menu and the panel after Escape');
  await press('Space', 'end');
  await press('Enter', 'text');
  const ended = await chatIs(page, ({ rows }) => rows.at(-1).text === 'You ended the chat.', 'the end of the chat');
  same(ended.boxes.more, null, 'the menu of a chat that has ended');
  await page.keyboard.press('Shift+Tab');
  await press('Shift+Tab', 'log');
  await press('Shift+Tab', 'close');
  const closed = await press('Enter', 'pill');
  same(closed.isOpen, false, 'the panel after Close');
  await press('Space', 'text');
  same((await press('Escape', 'pill')).isOpen, false, 'the panel after Escape');
  await press('Enter', 'text');
  await page.keyboard.type('Again');
  await page.keyboard.press('Enter');
  await chatHas(page, 'Again');
  await chatIs(page, ({ rows }) => rows.some(({ text }) => text === 'The chat continues.'), 'the chat that continues');
  stage.step('the keyboard opens, writes, sends, uses the menu, ends and closes, and the focus returns to the pill');
}

async function isReadOnce(town) {
  const { stage, acme } = town;
  const { page } = await visit(town, '/heard');
  const open = await openChat(page);
  same(open.role, 'log', 'the role of the log');
  const word = 'Is anyone there?';
  await writes(page, word);
  const its = await conversationOf(acme, word);
  await acme.markRead({ ...its, lastSequence: 1 });
  await chatIs(page, ({ rows }) => rows.some(({ mark }) => mark === 'Seen'), 'the mark that it was seen');
  await acme.setTyping(its);
  await chatIs(page, ({ typing }) => typing, 'the operator who types');
  await acme.send(its, 'I am');
  await acme.send(its, 'What is it?');
  await chatHas(page, 'What is it?');
  await writes(page, 'Nothing');
  await conversationOf(acme, 'Nothing');
  await acme.closeConversation(its);
  const { news, rows } = await chatIs(page, ({ rows }) => /ended the chat/.test(rows.at(-1).text), 'the end of the chat');
  for (const { text } of rows) {
    same(news.filter((heard) => heard.includes(text)).length, 1, `how often ${JSON.stringify(text)} is announced`);
  }
  // What to do next follows the end of the chat.
  const others = news.filter((heard) => !rows.some(({ text }) => heard.includes(text)));
  same(others, ['Write a message to continue.'], 'what else is announced');
  stage.step('a log for screen readers, which announces each row once, and nothing when it is sent, seen or grouped');
}

async function isAccessible(town) {
  const { stage, acme, shop, base } = town;
  for (const [name, size] of [
    ['wide', WIDE],
    ['narrow', NARROW],
  ]) {
    const visitor = await stage.visit({ websites: [shop], viewport: size });
    // Opens the shadow root for axe, which cannot see a closed one.
    await visitor.context.addInitScript(() => {
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function open(options) {
        return attach.call(this, { ...options, mode: 'open' });
      };
    });
    const { page } = visitor;
    const body = `<main><h1>A shop</h1></main>${snippet(base, acme.widgetKey)}`;
    await page.goto(shop.page('/axe', body, { policy: strict(base) }));
    await widgetSays(page, HERE);
    const inBoth = async (state) => {
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await checkAccessible(page, `the chat ${state}, ${name}, ${colorScheme}`);
        await stage.picture(page, `chat-${state}-${name}-${colorScheme}`);
      }
    };
    await openChat(page);
    await inBoth('fresh');
    const its = await talks(page, acme, { word: `Hello, axe, ${name}`, answer: 'Look: https://example.com/' });
    await acme.setTyping(its);
    await chatIs(page, ({ typing }) => typing, 'the operator who types');
    await clickOn(page, 'more');
    await chatIs(page, ({ boxes }) => boxes.end, 'the menu');
    await inBoth('talking');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await chatIs(page, ({ isOpen }) => !isOpen, 'the closed chat');
    await acme.send(its, 'Are you still there?');
    await chatIs(page, ({ preview, badge }) => preview && badge, 'the preview');
    await inBoth('preview');
    await acme.closeConversation(its);
    await acme.deactivate(acme.owner);
    await openChat(page);
    await chatIs(page, ({ boxes }) => boxes.email, 'the field for the address');
    await inBoth('away');
    await acme.activate(acme.owner);
  }
  stage.step('axe finds nothing: fresh, in a talk, with a preview and away; light and dark, wide and narrow');
}

async function obeysTheSystem(town) {
  const { stage, acme } = town;
  const { page } = await visit(town, '/system');
  await openChat(page);
  same((await chat(page)).motion, 'none', 'the motion of the panel, reduced');
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  same((await chat(page)).motion, 'c-rise', 'the motion of the panel');
  await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
  await talks(page, acme, { word: 'Hello, contrast', answer: 'Look: https://example.com/' });
  await until(() => page.evaluate(() => matchMedia('(forced-colors: active)').matches), Boolean, 'forced colours');
  await stage.picture(page, 'chat-forced-colors');
  await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
  await stage.picture(page, 'chat-forced-colors-dark');
  stage.step('forced colours and reduced motion');
}
