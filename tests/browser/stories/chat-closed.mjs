import { same, until } from '../../clients/check.mjs';
import {
  chat,
  chatShows,
  clickButton,
  closeChat,
  endChat,
  logBecomes,
  marked,
  openChat,
  openPreview,
  write,
} from '../stage/chat.mjs';
import { company } from '../stage/people.mjs';
import { portrait } from '../stage/photo.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { widget, widgetSays } from '../stage/widget.mjs';

export const title = 'A chat is ended and continues, and answers are announced while it is closed';

export async function story(stage) {
  const { base } = stage.deskbell;
  const shop = await stage.website();
  await Promise.all([continues({ stage, base, shop }), announces({ stage, base, shop })]);
}

/** Opens a page of the shop with the widget of a new company. */
async function visit({ stage, base, shop }, path) {
  const acme = await company(base);
  await acme.update(acme.owner, { publicName: 'Ada' });
  await acme.setPhoto(acme.owner, await portrait(stage.browser, { colour: '#2f6fb5' }));
  const visitor = await stage.visit({ websites: [shop] });
  const loads = [];
  visitor.context.on('request', (request) => /\/chat\.js$/.test(request.url()) && loads.push(request.url()));
  await visitor.page.goto(shop.page(path, `<h1>A shop</h1>${snippet(base, acme.widgetKey)}`, { policy: strict(base) }));
  await widgetSays(visitor.page, 'We are available');
  return { acme, loads, ...visitor, page: visitor.page };
}

async function continues(town) {
  const { acme, page } = await visit(town, '/ends');
  const { stage } = town;
  await openChat(page);
  await write(page, 'Hello');
  const begun = await acme.conversation();
  await acme.send(begun, 'Bye');
  const answered = ['You: Hello', '* Ada joined the chat', 'Ada: Bye'];
  await logBecomes(page, answered);
  await acme.closeConversation(begun);
  const ended = [...answered, '* We ended the chat.'];
  const closed = await logBecomes(page, ended);
  same(
    [closed.hello, closed.title, closed.hasMenu],
    ['Write a message to continue.', 'We are available', false],
    'a chat that is over',
  );
  await stage.picture(page, 'chat-ended');
  await write(page, 'One more thing');
  // The server keeps who ended it for the last end only.
  const reopened = [...answered, '* The chat has ended.', '* The chat continues.', 'You: One more thing'];
  same((await logBecomes(page, reopened)).hello, null, 'the text below');
  same(
    [(await acme.conversation()).status, (await acme.conversation()).id],
    ['PENDING', begun.id],
    'the conversation, for operators',
  );
  stage.step('an operator ends the chat, and writing continues it');

  await endChat(page);
  await logBecomes(page, [...reopened, '* You ended the chat.']);
  same(
    [(await acme.conversation()).status, (await acme.conversation()).closedBy],
    ['CLOSED', 'VISITOR'],
    'the conversation, for operators',
  );
  await page.reload();
  await widgetSays(page, 'We are available');
  await openChat(page);
  await logBecomes(page, [...reopened, '* You ended the chat.']);
  await write(page, 'Still there?');
  await logBecomes(page, [...reopened, '* The chat has ended.', '* The chat continues.', 'You: Still there?']);
  same((await acme.conversations()).length, 1, 'conversations');
  stage.step('the visitor ends it in the menu, and continues it after a reload');
}

async function announces(town) {
  const { acme, page, loads } = await visit(town, '/answers');
  const { stage } = town;
  await openChat(page);
  await write(page, 'Hello');
  await marked(page, 'Sent');
  await closeChat(page);
  same((await widget(page)).hasFocus, true, 'the focus on the pill');
  const begun = await acme.conversation();
  await acme.join(begun);
  await acme.send(begun, 'First answer');
  await announced(page, '1', ['Ada', 'First answer']);
  await acme.send(begun, `Second answer\n${'with much to say '.repeat(20)}`);
  const two = await chatShows(page, ({ badge, preview }) => badge === '2' && preview?.[1].startsWith('Second'), 'two');
  same([two.isOpen, await page.title()], [false, 'A shop'], 'the chat and the title of the page');
  await stage.picture(page, 'chat-preview');
  await clickButton(page, 'Dismiss');
  await announced(page, '2', null);
  // Draws the chat again.
  await page.evaluate(() => document.querySelector('deskbell-widget').setAttribute('data-text-chat-send', 'Go'));
  await announced(page, '2', null);
  await acme.send(begun, 'Third answer');
  await announced(page, '3', ['Ada', 'Third answer']);
  const opened = await openPreview(page);
  same([opened.badge, opened.preview], [null, null], 'what is announced in an open chat');
  await until(
    () => acme.conversation(),
    ({ readByVisitorUpTo, lastSequence }) => readByVisitorUpTo === lastSequence,
    'the read mark of the visitor',
  );
  stage.step('answers to a closed chat show a badge and a preview, which opens it');

  await closeChat(page);
  await acme.send(begun, 'Fourth answer');
  await announced(page, '1', ['Ada', 'Fourth answer']);
  loads.length = 0;
  await page.reload();
  await announced(page, '1', ['Ada', 'Fourth answer']);
  same([(await chat(page)).isOpen, loads.length], [false, 1], 'after a reload: an open chat, and loads of its code');
  stage.step('a reload announces an answer that was not read, and opens nothing');

  await openPreview(page);
  await chatShows(page, ({ badge }) => badge === null, 'a chat that is read');
  await until(
    () => acme.conversation(),
    ({ readByVisitorUpTo, lastSequence }) => readByVisitorUpTo === lastSequence,
    'the read mark of the visitor',
  );
  loads.length = 0;
  await page.reload();
  await widgetSays(page, 'We are available');
  const state = await page.evaluate(
    () => new Promise((resolve) => globalThis.deskbell.on('chat', (its) => its.status && resolve(its))),
  );
  same([state, loads], [{ status: 'OPEN', unreadCount: 0 }, []], 'the state, and loads of the code');
  await acme.send(begun, 'Fifth answer');
  await announced(page, '1', ['Ada', 'Fifth answer']);
  same(loads.length, 1, 'loads of the code after an answer');
  stage.step('without one, the code of the chat is loaded once an answer comes');
}

/** Waits for this badge and this preview. */
const announced = (page, badge, preview) =>
  chatShows(
    page,
    (shown) => JSON.stringify([shown.badge, shown.preview]) === JSON.stringify([badge, preview]),
    `the badge ${badge} and the preview ${preview}`,
  );
