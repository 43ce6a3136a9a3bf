import { check, same, until } from '../../clients/check.mjs';
import { checkAccessible } from '../stage/axe.mjs';
import {
  chat,
  chatShows,
  clickButton,
  logBecomes,
  marked,
  openChat,
  openShadows,
  stored,
  typeMessage,
  write,
} from '../stage/chat.mjs';
import { company } from '../stage/people.mjs';
import { portrait } from '../stage/photo.mjs';
import { snippet, strict } from '../stage/website.mjs';

export const title = 'A visitor writes from a website, sees who joins, and gets answers';

const ADA = ['Ada', 'Orders & returns', 'photo'];

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base, { seats: 2 });
  await acme.update(acme.owner, { publicName: 'Ada', description: 'Orders & returns' });
  await acme.setPhoto(acme.owner, await portrait(stage.browser, { colour: '#2f6fb5' }));
  const shop = await stage.website();
  const town = { stage, base, acme, shop };

  await isAnswered(town);
  await showsTexts(town);
  await fits(town);
  await isAccessible(town);
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Opens a page of the shop with the widget. */
async function visit({ stage, base, acme, shop }, path, { query = '', body = '', ...options } = {}) {
  const visitor = await stage.visit({ websites: [shop], ...options });
  const url = shop.page(path, `<main><h1>A shop</h1>${body}</main>${snippet(base, acme.widgetKey)}`, {
    policy: strict(base),
  });
  await visitor.page.goto(`${url}${query}`);
  return visitor;
}

async function isAnswered(town) {
  const { stage, acme, shop } = town;
  const { page } = await visit(town, '/shoes', { query: '?utm_source=news&secret=1#size' });
  await page.evaluate(() => {
    globalThis.told = [];
    globalThis.deskbell.on('chat', (state) => globalThis.told.push(state));
    globalThis.deskbell.setVisitor({ name: 'Vera', email: 'vera@example.com' });
  });
  await openChat(page);
  const opened = await chatShows(page, ({ people }) => isSame(people, [ADA]), 'who is there, with a photo');
  same(opened.title, 'We are available', 'the title');
  same([opened.rows, opened.hello], [[], 'Write to us. We answer here.'], 'the empty log');
  same([opened.box.width, opened.box.height], [380, 600], 'the size');
  same(opened.focus, 'c-text', 'the focus');
  await typeMessage(page, 'Hello');
  same(await stored(page), [], 'what is stored before the first message');
  await stage.picture(page, 'chat-open');
  await page.keyboard.press('Enter');
  await logBecomes(page, ['You: Hello']);
  await marked(page, 'Sent');
  await until(
    () => stored(page),
    (names) => names.join() === 'token',
    'a storage with the token only',
  );
  stage.step('nothing is stored before the first message, and afterwards only the token');

  const begun = await acme.conversation();
  same(
    [begun.visitor.name, begun.visitor.email, begun.page],
    ['Vera', 'vera@example.com', { url: `${shop.base}/shoes?utm_source=news`, title: 'A shop', referrer: null }],
    'the visitor and the page, for operators',
  );
  await acme.markRead(begun);
  await marked(page, 'Seen');
  await acme.setTyping(begun);
  await chatShows(page, ({ typing }) => typing === 'Someone is typing…', 'an operator who types');
  await acme.setTyping(begun, false);
  await chatShows(page, ({ typing }) => typing === null, 'an operator who types no longer');
  stage.step('operators get the page and what it has said of the visitor, and the visitor sees them read and type');

  await acme.join(begun);
  await logBecomes(page, ['You: Hello', '* Ada joined the chat']);
  await chatShows(
    page,
    ({ rows, people }) => isSame([rows.at(-1).card, people], [ADA, [ADA]]),
    'the operator who joined, on a card and in the header',
  );
  // One report in 3 s counts.
  await until(
    async () => (await acme.setTyping(begun), chat(page)),
    ({ typing }) => typing === 'Ada is typing…',
    'Ada, who types',
  );
  await acme.send(begun, 'Hello Vera,\nplease look here.');
  const answered = await logBecomes(page, [
    'You: Hello',
    '* Ada joined the chat',
    'Ada: Hello Vera,\nplease look here.',
  ]);
  same(answered.typing, null, 'who types after the answer');
  check(answered.isAtEnd, 'the answer is out of sight');
  await stage.picture(page, 'chat-joined');
  await until(
    () => acme.conversation(),
    ({ readByVisitorUpTo, lastSequence }) => readByVisitorUpTo === lastSequence,
    'the read mark of the visitor',
  );
  stage.step('who joins is shown with photo, name and description, in the log and in the header');

  await typeMessage(page, 'Thank');
  await until(
    () => acme.conversation(),
    ({ isVisitorTyping }) => isVisitorTyping,
    'a visitor who types',
  );
  await page.keyboard.type(' you');
  await page.keyboard.press('Enter');
  await until(
    () => acme.conversation(4),
    ({ isVisitorTyping, messages }) => !isVisitorTyping && messages.at(-1).text === 'Thank you',
    'the second message',
  );
  await marked(page, 'Sent');
  await acme.note(begun, 'A friendly one');
  await acme.send(begun, 'Welcome');
  const whole = await logBecomes(page, [
    'You: Hello',
    '* Ada joined the chat',
    'Ada: Hello Vera,\nplease look here.',
    'You: Thank you',
    'Ada: Welcome',
  ]);
  same(whole.rows[0], { is: 'day', text: 'Today' }, 'the first row');
  same(
    await page.evaluate(() => globalThis.told),
    [
      { status: null, unreadCount: 0 },
      { status: 'PENDING', unreadCount: 0 },
      { status: 'OPEN', unreadCount: 0 },
    ],
    'the states for the page',
  );
  stage.step('operators see the visitor type, and the visitor does not see notes');
}

async function showsTexts(town) {
  const { acme, stage } = town;
  const { page } = await visit(town, '/texts');
  await page.evaluate(() => globalThis.deskbell.open());
  await chatShows(page, ({ isOpen }) => isOpen, 'a chat that the page has opened');
  await write(page, 'One\ntwo\n\n<b>three</b>');
  await logBecomes(page, ['You: One\ntwo\n\n<b>three</b>']);
  const begun = await acme.conversationWith('One');
  const answer = [
    'See https://example.com/a?b=c&d=(e).',
    'Mail mailto:ada@example.com, not javascript:alert(1) or data:text/html,x',
    '<img src=x onerror=alert(1)> http://user@evil.example/',
  ].join('\n');
  await acme.send(begun, answer);
  const { rows } = await chatShows(page, (shown) => shown.rows.length === 4, 'the answer');
  const { text, links } = rows.at(-1);
  same(text, answer, 'the text of the answer');
  same(
    links.map(({ href }) => href),
    ['https://example.com/a?b=c&d=(e)', 'mailto:ada@example.com', 'http://user@evil.example/'],
    'the links',
  );
  same(
    [...new Set(links.map(({ rel, target }) => `${rel} ${target}`))],
    ['noopener noreferrer nofollow ugc _blank'],
    'how links open',
  );
  await stage.picture(page, 'chat-texts');
  await page.evaluate(() => globalThis.deskbell.close());
  await chatShows(page, ({ isOpen }) => !isOpen, 'a chat that the page has closed');
  stage.step('texts keep their lines, and only addresses of the web and of mail are links');
}

async function fits(town) {
  const { stage } = town;
  const { page } = await visit(town, '/low');
  await page.setViewportSize({ width: 1024, height: 500 });
  const { box } = await openChat(page);
  same([box.width, box.height], [380, 396], 'the size in a low window');
  check(box.y >= 0 && box.x + box.width <= 1024, `the panel is out of the window: ${JSON.stringify(box)}`);

  const phone = await visit(town, '/phone', { narrow: true, hasTouch: true, isMobile: true });
  const { width, height } = phone.page.viewportSize();
  same((await openChat(phone.page)).box, { x: 0, y: 0, width, height }, 'the panel on a phone');
  await typeMessage(phone.page, 'From a');
  // Phones have no other way to begin a line.
  await phone.page.keyboard.press('Enter');
  await phone.page.keyboard.type('phone');
  await clickButton(phone.page, 'Send');
  await logBecomes(phone.page, ['You: From a\nphone']);
  await stage.picture(phone.page, 'chat-phone');
  stage.step('it fits a low window, and covers a phone');
}

async function isAccessible(town) {
  const { acme } = town;
  for (const colorScheme of ['light', 'dark']) {
    const visitor = await town.stage.visit({ websites: [town.shop], colorScheme });
    const { page } = visitor;
    await openShadows(visitor.context);
    await page.goto(`${town.shop.base}/low`);
    await openChat(page);
    await checkAccessible(page, `the empty chat, ${colorScheme}`);
    await write(page, `Seen in ${colorScheme}`);
    const begun = await acme.conversationWith(`Seen in ${colorScheme}`);
    await acme.send(begun, 'See https://example.com/');
    await chatShows(page, ({ rows }) => rows.length === 4, 'the answer');
    await checkAccessible(page, `the chat, ${colorScheme}`);
    await town.stage.picture(page, `chat-${colorScheme}`);
  }
  town.stage.step('axe finds no violations, in light and dark');
}
