import { check, same, until } from '../../clients/check.mjs';
import { chatShows, isSend, logBecomes, logOf, marked, openChat, stored, write } from '../stage/chat.mjs';
import { company } from '../stage/people.mjs';
import { Proxy } from '../stage/proxy.mjs';
import { snippet } from '../stage/website.mjs';
import { widgetSays } from '../stage/widget.mjs';

export const title = 'No message is lost or doubled by a reload, a lost network, a lost answer or a restart';

/** The browser's errors for a network or a server that is not there. */
const NOT_THERE = [/^console: WebSocket connection to .* failed/, /^console: Failed to load resource: net::ERR_/];
const OFFLINE = 'Connection lost. Messages are sent when it is back.';

export async function story(stage) {
  const shop = await stage.website();
  await Promise.all([
    isReloaded({ stage, shop }),
    isOffline({ stage, shop }),
    losesAnswers({ stage, shop }),
    isRestarted({ stage, shop }),
  ]);
}

/** Opens the chat of a new company. `base`: the server, as the page knows it. */
async function visit({ stage, shop }, path, { deskbell = stage.deskbell, base = deskbell.base } = {}) {
  const acme = await company(deskbell.base);
  await acme.update(acme.owner, { publicName: 'Ada' });
  const visitor = await stage.visit({ websites: [shop, { base }] });
  visitor.forgive(...NOT_THERE);
  const { page } = visitor;
  await page.goto(shop.page(path, `<h1>A shop</h1>${snippet(base, acme.widgetKey)}`));
  await widgetSays(page, 'We are available');
  await openChat(page);
  return { acme, page, context: visitor.context };
}

/** The texts that operators have. */
const arrived = async (acme) =>
  (await acme.conversations()).map(({ messages }) => messages.map(({ text }) => text).filter(Boolean));

const arrives = (acme, texts) =>
  until(
    () => arrived(acme),
    (all) => JSON.stringify(all) === JSON.stringify([texts]),
    `the messages ${texts}`,
  );

async function isReloaded(town) {
  const { acme, page } = await visit(town, '/reload');
  let hold = (route) => route;
  await page.route('**/graphql', (route) => (isSend(route.request()) ? hold(route) : route.continue()));
  // The first message: the page is reloaded before the request leaves it.
  const isHeld = page.waitForRequest(isSend);
  await write(page, 'One');
  await isHeld;
  same(
    logOf(await chatShows(page, ({ rows }) => rows.at(-1)?.mark === 'Sending…', 'the mark')),
    ['You: One'],
    'the log',
  );
  same(await stored(page), ['message', 'outbox', 'token'], 'what is stored');
  hold = (route) => route.continue();
  await page.reload();
  // Before the visitor opens the chat.
  await arrives(acme, ['One']);
  await openChat(page);
  await logBecomes(page, ['You: One']);

  // The second: the server has it, and the page is reloaded before it receives the answer.
  hold = (route) => route.fetch();
  await write(page, 'Two');
  await arrives(acme, ['One', 'Two']);
  hold = (route) => route.continue();
  await page.reload();
  await openChat(page);
  await logBecomes(page, ['You: One', 'You: Two']);
  await marked(page, 'Sent');
  await until(
    () => stored(page),
    (names) => names.join() === 'token',
    'an empty outbox',
  );
  await arrives(acme, ['One', 'Two']);
  town.stage.step('a reload before or after the send arrived: the message is there once');
}

async function isOffline(town) {
  const { acme, page, context } = await visit(town, '/offline');
  await write(page, 'Before');
  await marked(page, 'Sent');
  await context.setOffline(true);
  for (const text of ['One', 'Two', 'Three']) {
    await write(page, text);
  }
  const waiting = await logBecomes(page, ['You: Before', 'You: One', 'You: Two', 'You: Three']);
  // After the day and the first message, which has its mark as long as only its answer has come.
  same(
    waiting.rows.slice(2).map(({ mark }) => mark),
    [null, null, 'Sending…'],
    'the marks',
  );
  same(await stored(page), ['message', 'message', 'message', 'outbox', 'token'], 'what is stored');
  await chatShows(page, ({ notice }) => notice === OFFLINE, 'the notice');
  await town.stage.picture(page, 'chat-offline');
  await context.setOffline(false);
  await arrives(acme, ['Before', 'One', 'Two', 'Three']);
  await chatShows(page, ({ notice }) => notice === null, 'no notice');
  await logBecomes(page, ['You: Before', 'You: One', 'You: Two', 'You: Three']);
  await marked(page, 'Sent');
  town.stage.step('what is written without a network arrives once and in order');
}

async function losesAnswers(town) {
  const proxy = await Proxy.open();
  proxy.target = town.stage.deskbell.base;
  proxy.passesUpgrades = true;
  try {
    const { acme, page } = await visit(town, '/answers', { base: proxy.base });
    proxy.losesAnswers = 2;
    await write(page, 'Hello');
    await logBecomes(page, ['You: Hello']);
    await until(
      () => proxy.losesAnswers,
      (left) => left === 0,
      'two sends without an answer',
    );
    await until(
      () => stored(page),
      (names) => names.join() === 'token',
      'an empty outbox',
    );
    await marked(page, 'Sent');
    await arrives(acme, ['Hello']);
    await logBecomes(page, ['You: Hello']);
    town.stage.step('a send whose answer is lost is repeated, and the message is there once');

    proxy.delayMs = 300;
    const isSent = page.waitForRequest(isSend);
    await write(page, 'Bye');
    await isSent;
    await page.goto('about:blank');
    await arrives(acme, ['Hello', 'Bye']);
    town.stage.step('what is on its way arrives although the visitor leaves the site');
  } finally {
    await proxy.close();
  }
}

async function isRestarted(town) {
  const { stage } = town;
  const server = await stage.server();
  const { acme, page } = await visit(town, '/restart', { deskbell: server });
  await write(page, 'Before');
  await marked(page, 'Sent');
  await acme.send(await acme.conversation(), 'An answer');
  const before = ['You: Before', '* Ada joined the chat', 'Ada: An answer'];
  await logBecomes(page, before);
  await stage.kill(server);
  await write(page, 'In between');
  await logBecomes(page, [...before, 'You: In between']);
  await chatShows(page, ({ notice }) => notice === OFFLINE, 'the notice');
  const { port } = new URL(server.base);
  const back = await stage.server({ folder: server.folder, settings: { DESKBELL_LISTEN: `127.0.0.1:${port}` } });
  same(back.base, server.base, 'the address of the restarted server');
  const began = Date.now();
  await arrives(acme, ['Before', 'An answer', 'In between']);
  await acme.send(await acme.conversation(), 'Still here');
  const shown = await logBecomes(page, [...before, 'You: In between', 'Ada: Still here']);
  same(shown.notice, null, 'the notice');
  check(Date.now() - began < 15_000, 'the chat came back late');
  stage.step('a server that is killed and started again has all messages, and the open chat continues');
}
