import { same, until } from '../../clients/check.mjs';
import { chat, chatShows, logBecomes, marked, openChat, typeMessage, write, writeEmail } from '../stage/chat.mjs';
import { company } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { widgetSays } from '../stage/widget.mjs';

export const title = 'A visitor leaves a message while no operator is available, and is answered later';

const LEAVE = 'No one is here right now. Leave a message and, if you like, your e-mail address. We will answer here.';
const WRONG = 'Enter an e-mail address such as name@example.com, or leave it empty.';

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base);
  await acme.update(acme.owner, { publicName: 'Ada' });
  await acme.deactivate(acme.owner);
  const shop = await stage.website();
  const { page } = await stage.visit({ websites: [shop] });
  await page.goto(shop.page('/', `<h1>A shop</h1>${snippet(base, acme.widgetKey)}`, { policy: strict(base) }));
  await widgetSays(page, 'We are away');

  const opened = await openChat(page);
  same(
    [opened.title, opened.people, opened.hello, opened.email],
    ['We are away', [], LEAVE, ''],
    'a chat without operators',
  );
  await stage.picture(page, 'chat-away');
  await writeEmail(page, 'not an address');
  await typeMessage(page, 'Do you have it in red?');
  await page.keyboard.press('Enter');
  const refused = await chatShows(page, ({ emailFault }) => emailFault !== null, 'the fault');
  same(
    [refused.emailFault, refused.written, refused.rows, refused.focus],
    [WRONG, 'Do you have it in red?', [], 'c-email'],
    'a wrong address',
  );
  await stage.picture(page, 'chat-away-wrong');
  await writeEmail(page, ' Vera@example.com ');
  same((await chat(page)).emailFault, null, 'the fault while it is corrected');
  await page.keyboard.press('Enter');
  await logBecomes(page, ['You: Do you have it in red?']);
  await marked(page, 'Sent');
  const { visitor, status } = await acme.conversation();
  same([visitor.email, status], ['Vera@example.com', 'PENDING'], 'the conversation, for operators');
  const left = await chatShows(page, ({ email }) => email === null, 'a composer that asks for no address');
  same(left.hello, 'No one is here right now. We will answer here.', 'the text below');
  await stage.picture(page, 'chat-away-left');
  stage.step('the address is optional and checked, and arrives with the message');

  await acme.activate(acme.owner);
  const back = await chatShows(page, (shown) => shown.title === 'We are available', 'an operator who is available');
  same([back.hello, back.people.flat().slice(0, 1)], [null, ['Ada']], 'the text below, and who is there');
  await acme.send(await acme.conversation(), 'Yes, we have');
  await logBecomes(page, ['You: Do you have it in red?', '* Ada joined the chat', 'Ada: Yes, we have']);
  stage.step('an operator who becomes available answers');

  await hasNoAddress({ stage, base, acme, shop });
}

async function hasNoAddress({ stage, base, acme, shop }) {
  await acme.deactivate(acme.owner);
  const { page } = await stage.visit({ websites: [shop] });
  await page.goto(`${shop.base}/`);
  await widgetSays(page, 'We are away');
  await page.evaluate(() => globalThis.deskbell.setVisitor({ name: 'Wendy', email: 'wendy@example.com' }));
  same((await openChat(page)).email, 'wendy@example.com', 'the address that the page knows');
  await writeEmail(page, '');
  await write(page, 'Without an address');
  await logBecomes(page, ['You: Without an address']);
  const first = await acme.conversationWith('Without');
  same([first.visitor.name, first.visitor.email], ['Wendy', null], 'the visitor, for operators');
  await writeEmail(page, 'wendy@example.net');
  await write(page, 'Or with one');
  await logBecomes(page, ['You: Without an address', 'You: Or with one']);
  await until(
    () => acme.conversationWith('Without'),
    ({ visitor }) => visitor.email === 'wendy@example.net',
    'the address',
  );
  stage.step('the address that the page knows is a suggestion, and one can follow later');
}
