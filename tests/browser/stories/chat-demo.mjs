import { check, same } from '../../clients/check.mjs';
import { checkAccessible } from '../stage/axe.mjs';
import {
  chat,
  chatShows,
  closeChat,
  logBecomes,
  logOf,
  openChat,
  openPreview,
  openShadows,
  write,
} from '../stage/chat.mjs';
import { widgetSays } from '../stage/widget.mjs';

export const title = 'The demo answers what is written on its website';

export async function story(stage) {
  const demo = await stage.server({ command: 'demo' });
  const { page, context } = await stage.visit({ deskbell: demo });
  await openShadows(context);
  await page.goto('/demo');
  await widgetSays(page, 'We are available');
  await openChat(page);
  await write(page, 'Do you repair bells?');
  await chatShows(page, ({ typing }) => typing !== null, 'an operator who types');
  const answered = await chatShows(
    page,
    ({ rows }) => rows.at(-1)?.text.startsWith('Hello, and thank you'),
    'the answer',
  );
  const [name] = answered.people[0];
  const [first, event, answer] = logOf(answered);
  same(
    [first, event, answer.startsWith(`${name}: Hello`), answered.rows.find(({ card }) => card).card[0]],
    ['You: Do you repair bells?', `* ${name} joined the chat`, true, name],
    'the log',
  );
  await checkAccessible(page, 'the website of the demo, with a chat');
  await stage.picture(page, 'chat-demo');
  stage.step('an operator types, joins and answers');

  await write(page, 'Thank you');
  await closeChat(page);
  const { preview } = await chatShows(page, ({ badge }) => badge === '1', 'the badge');
  check(preview?.[0] === name, `the preview is ${preview}`);
  await stage.picture(page, 'chat-demo-preview');
  const log = logOf(await openPreview(page));
  same(log.length, 5, 'rows');
  await page.reload();
  await widgetSays(page, 'We are available');
  same(await chat(page), null, 'the chat after a reload, before it is opened');
  await openChat(page);
  await logBecomes(page, log);
  stage.step('an answer to a closed chat is announced, and the chat is there after a reload');
}
