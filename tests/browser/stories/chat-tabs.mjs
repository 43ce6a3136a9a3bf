import { same, until } from '../../clients/check.mjs';
import {
  chatShows,
  closeChat,
  logBecomes,
  logOf,
  marked,
  openChat,
  openPreview,
  stored,
  typeMessage,
  write,
} from '../stage/chat.mjs';
import { company } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { widgetSays } from '../stage/widget.mjs';

export const title = 'Tabs of a site share one chat, and a browser that stores nothing has one as well';

/** The browser's errors for a network that is not there. */
const NOT_THERE = [/^console: WebSocket connection to .* failed/, /^console: Failed to load resource: net::ERR_/];
const UNSAVED = 'This browser keeps nothing for this page. After a reload, this chat is gone.';

export async function story(stage) {
  const { base } = stage.deskbell;
  const shop = await stage.website();
  const town = { stage, base, shop };
  await Promise.all([beginsAtOnce(town), inheritsMessages(town), hasNoStorage(town)]);
}

async function enter({ stage, base, shop }, path) {
  const acme = await company(base);
  await acme.update(acme.owner, { publicName: 'Ada' });
  const visitor = await stage.visit({ websites: [shop] });
  const url = shop.page(path, `<h1>A shop</h1>${snippet(base, acme.widgetKey)}`, { policy: strict(base) });
  const open = async (page) => {
    await page.goto(url);
    await widgetSays(page, 'We are available');
    return page;
  };
  return { acme, visitor, first: visitor.page, open, another: async () => open(await visitor.context.newPage()) };
}

async function beginsAtOnce(town) {
  const { acme, first, open, another } = await enter(town, '/at-once');
  const tabs = [await open(first), await another(), await another()];
  for (const [index, tab] of tabs.entries()) {
    await openChat(tab);
    await typeMessage(tab, `From tab ${index}`);
  }
  // All tabs are busy until the same moment, so that none knows of another's message when it sends.
  const moment = Date.now() + 1_500;
  await Promise.all(tabs.map((tab) => tab.evaluate(isBusyUntil, moment)));
  await Promise.all(tabs.map((tab) => tab.keyboard.press('Enter')));
  const { messages } = await acme.conversation(3);
  const begun = messages.map(({ text }) => `You: ${text}`);
  same([...begun].sort(), ['You: From tab 0', 'You: From tab 1', 'You: From tab 2'], 'the messages');
  await Promise.all(tabs.map((tab) => logBecomes(tab, begun)));
  const tokens = await tabs[0].evaluate(() => Object.values(localStorage).filter((value) => /^vt_/.test(value)));
  same(tokens.length, 1, 'the number of tokens');
  town.stage.step('three tabs that begin at once have one visitor, one conversation and one log');

  await write(tabs[1], 'One more');
  await acme.send(await acme.conversation(4), 'An answer');
  const log = [...begun, 'You: One more', '* Ada joined the chat', 'Ada: An answer'];
  await Promise.all(tabs.map((tab) => logBecomes(tab, log)));
  await Promise.all(tabs.slice(1).map(closeChat));
  await closeChat(tabs[0]);
  await acme.send(await acme.conversation(), 'Another answer');
  await Promise.all(tabs.map((tab) => chatShows(tab, ({ badge }) => badge === '1', 'a badge in each tab')));
  await openPreview(tabs[2]);
  await Promise.all(
    tabs.map((tab) => chatShows(tab, (shown) => !shown.badge && !shown.preview, 'no badge in any tab')),
  );
  town.stage.step('what is read in one tab is read in all');
}

/** Runs in the page. */
const isBusyUntil = (moment) =>
  setTimeout(() => {
    while (Date.now() < moment) {
      // Keys and events of other tabs wait.
    }
  }, 50);

async function inheritsMessages(town) {
  const { acme, visitor, first, open, another } = await enter(town, '/inherits');
  visitor.forgive(...NOT_THERE);
  const stays = await open(first);
  const leaves = await another();
  for (const tab of [stays, leaves]) {
    await openChat(tab);
  }
  await write(leaves, 'Before');
  await logBecomes(stays, ['You: Before']);
  await marked(leaves, 'Sent');
  await visitor.context.setOffline(true);
  await write(leaves, 'One');
  await write(stays, 'Two');
  await write(leaves, 'Three');
  const all = ['You: Before', 'You: One', 'You: Two', 'You: Three'];
  await logBecomes(stays, all);
  await logBecomes(leaves, all);
  await leaves.close();
  await visitor.context.setOffline(false);
  await logBecomes(stays, all);
  await marked(stays, 'Sent');
  same(
    (await acme.conversation(4)).messages.map(({ text }) => `You: ${text}`),
    all,
    'the messages, for operators',
  );
  await until(
    () => stored(stays),
    (names) => names.join() === 'token',
    'an empty outbox',
  );
  town.stage.step('what a tab could not send before it was closed, another one sends, in order');
}

async function hasNoStorage(town) {
  const denied = () =>
    Object.defineProperty(globalThis, 'localStorage', {
      get() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
  const full = () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  };
  for (const [name, prepare] of Object.entries({ denied, full })) {
    const { acme, visitor, first, open } = await enter(town, `/${name}`);
    await visitor.context.addInitScript(prepare);
    await open(first);
    same((await openChat(first)).notice, null, 'the notice before the first message');
    await write(first, 'Hello');
    await logBecomes(first, ['You: Hello']);
    await marked(first, 'Sent');
    await chatShows(first, ({ notice }) => notice === UNSAVED, 'the notice');
    await acme.send(await acme.conversation(), 'Welcome');
    await write(first, 'Thank you');
    const shown = await logBecomes(first, ['You: Hello', '* Ada joined the chat', 'Ada: Welcome', 'You: Thank you']);
    same(shown.notice, UNSAVED, 'the notice afterwards');
    same((await acme.conversations()).length, 1, 'conversations');
    await town.stage.picture(first, `chat-storage-${name}`);
    await first.reload();
    await widgetSays(first, 'We are available');
    same(logOf(await openChat(first)), [], 'the log after a reload');
    town.stage.step(`a browser whose storage is ${name} has a chat, which says that it ends with the page`);
  }
}
