import { randomBytes } from 'node:crypto';
import { check, same, until } from '../../clients/check.mjs';
import { chat, chatHas, chatIs, conversationOf, openChat, writes } from '../stage/chat-reader.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company } from '../stage/people.mjs';
import { snippet } from '../stage/website.mjs';
import { widgetSays } from '../stage/widget.mjs';

export const title = 'Whatever visitors and operators write, in any field, is shown as text and does nothing';

const HERE = 'We are available';
const RUN = 'globalThis.ran=true';

/** Each would do something, or break something, if it were anything but text. */
const PAYLOADS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload=${RUN}>`,
  `<svg><script>${RUN}</script></svg>`,
  `"><img src=x onerror=${RUN}>`,
  `' onfocus='${RUN}' autofocus='`,
  `</textarea><script>${RUN}</script>`,
  `</bdi></div></section><iframe srcdoc="<script>parent.ran=true</script>">`,
  `<style>@import url(http://evil.invalid/a.css); * { display: none !important }</style>`,
  `<link rel=stylesheet href=http://evil.invalid/b.css>`,
  `<base href=http://evil.invalid/>`,
  `<meta http-equiv=refresh content="0;url=http://evil.invalid/">`,
  `<form action=http://evil.invalid/><button>Send</button></form>`,
  `<img src=http://evil.invalid/pixel.png>`,
  `<math><mtext></mtext><mglyph><svg><mtext></mtext><style><img src=x onerror=${RUN}></style></svg></mglyph></math>`,
  `<template shadowrootmode=open><script>${RUN}</script></template>`,
  '&lt;b&gt;bold&lt;/b&gt; &amp;amp; &#60;i&#62;',
  '<!-- a comment -->]]><![CDATA[data]]>',
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}} #{${RUN}} <%= ${RUN} %> {name} {count} $& $1`,
  `javascript:${RUN}`,
  `JaVaScRiPt://https://%0a${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `[click](javascript:${RUN}) ![x](http://evil.invalid/c.png) **bold** \`code\` # title`,
  `https://evil.invalid/"onmouseover="${RUN}`,
  'https://user:secret@evil.invalid/<b>path</b>?q=%22#<i>',
  'mailto:a@b.example?subject=<script>&body=%0d%0aBcc:x',
  'http://evil.invalid\\@good.example/ https://xn--80ak6aa92e.invalid/ https://аррӏе.invalid/',
  'left\u202eright\u202c \u2066isolated\u2069 reversed',
  'مرحبا بالعالم 123 שלום עולם abc',
  'Z̸̡̛͚̻̱a̵̢͔̫l̶͎̑g̴̡̈́o̵̘͐ ẗ̷̤́ȅ̵̗x̶̱̉ẗ̸̲',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇨🇿 ❤️‍🔥',
  'zero\u200bwidth\u200djoiner\ufeffbom\u00adsoft\u2060word',
  'a control\u0007 and\u001b[31m another\u0085\u007f, cleaned',
  'one\u2028two\u2029three',
  'tab\there   and   spaces   stay',
  'Donaudampfschifffahrtsgesellschaft'.repeat(12),
  `${'𝕏'.repeat(60)} 𐍈 \u{10fffd} \ufffe`,
  `'; DROP TABLE message; -- ' OR 1=1 %s %n %00 \\u0000 \\"`,
  `__proto__ constructor toString null undefined NaN [object Object]`,
];

/** A text after the rules of docs/chat.md. */
const cleaned = (text) =>
  text
    .replaceAll(/[\u2028\u2029]/g, '\n')
    .replaceAll(/(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '')
    .normalize('NFC');

/** In names, tabs and characters without a meaning are refused, too. */
const isNoName = (text) => text !== cleaned(text) || /[\p{Cc}\p{Cn}\p{Co}]/u.test(text);

export async function story(stage) {
  same(PAYLOADS.length, 40, 'payloads');
  const { base } = stage.deskbell;
  const acme = await company(base, { seats: 2 });
  const shop = await stage.website();
  // Without a policy, which would hide that a script ran.
  shop.page('/', `<h1>A shop</h1>${snippet(base, acme.widgetKey)}`);
  const town = { stage, acme, shop, base };

  await writesAll(town);
  await namesAll(town);
  await introducesAll(town);
  await isIntroducedByThePage(town);
}

async function visit({ stage, shop }) {
  const visitor = await stage.visit({ websites: [shop] });
  await visitor.page.goto(`${shop.base}/`);
  await widgetSays(visitor.page, HERE);
  await openChat(visitor.page);
  return visitor;
}

/** Nothing has run, and nothing has been added to the page. Requests to elsewhere are faults. */
async function checkInert(page, what) {
  const facts = await page.evaluate(() => ({
    ran: globalThis.ran ?? false,
    added: document.querySelectorAll('img[src=x], iframe, svg[onload], base, [onerror], [onfocus], [onmouseover]').length,
    path: location.href,
  }));
  same([facts.ran, facts.added], [false, 0], what);
}

/** As the text of visitor and operator. */
async function writesAll(town) {
  const { stage, acme } = town;
  const { page } = await visit(town);
  for (const payload of PAYLOADS) {
    await page.keyboard.insertText(payload);
    await page.keyboard.press('Enter');
    await chatIs(page, ({ draft }) => draft === '', 'an empty composer');
  }
  const wanted = PAYLOADS.map(cleaned);
  await chatHas(page, wanted.at(-1));
  const its = await conversationOf(acme, wanted.at(-1));
  for (const text of wanted) {
    await acme.send(its, text);
  }
  const { rows, overflow } = await chatIs(
    page,
    ({ rows }) => rows.filter(({ is }) => is === 'theirs').length === wanted.length,
    'all answers',
  );
  for (const side of ['own', 'theirs']) {
    const shown = rows.filter(({ is }) => is === side);
    same(
      shown.map(({ text }) => text),
      wanted,
      `the texts: ${side}`,
    );
    same(shown.filter(({ problem }) => problem).length, 0, 'messages that were not sent');
    for (const { links, elements, text } of shown) {
      for (const link of links) {
        check(/^(https?:\/\/|mailto:)/.test(link.href), `a link of ${text}: ${link.href}`);
        same([link.rel, link.target], ['noopener noreferrer nofollow ugc', '_blank'], `a link of ${text}`);
      }
      const strange = elements.filter((name) => !['div', 'span', 'a', 'bdi', 'time'].includes(name));
      same(strange, [], `elements in the row of ${text}`);
    }
  }
  same(overflow, [], 'what is too wide');
  await checkInert(page, 'a page with a chat of payloads');
  await stage.picture(page, 'chat-payloads');
  await page.reload();
  await widgetSays(page, HERE);
  await openChat(page);
  await chatHas(page, wanted.at(-1));
  await checkInert(page, 'a page that was loaded again');
  stage.step(`${wanted.length} texts of a visitor, and of an operator: shown literally, links are only links`);
}

/** As name and description of an operator, in the chat and in the dashboard. */
async function namesAll(town) {
  const { stage, acme } = town;
  const { page } = await visit(town);
  await writes(page, 'Who is there?');
  const its = await conversationOf(acme, 'Who is there?');
  const ada = await stage.visit();
  await enter(ada.page, acme.owner, '/settings/operators');
  await heading(ada.page, 'Operators').waitFor();

  const refused = [];
  let count = 0;
  for (const payload of PAYLOADS) {
    const name = [...payload].slice(0, 100).join('').trim();
    const changes = { name, publicName: name, description: name };
    const isTaken = await acme.update(acme.owner, changes).then(
      () => true,
      () => false,
    );
    if (!isTaken) {
      refused.push(payload);
      continue;
    }
    count += 1;
    const stored = name.normalize('NFC');
    await acme.join(its);
    const { rows, people } = await chatIs(
      page,
      ({ rows }) => rows.filter(({ is }) => is === 'joined').length === count,
      `the join of ${name}`,
    );
    const card = rows.findLast(({ is }) => is === 'joined');
    same([card.name, card.about, card.text], [stored, stored, `${stored} joined the chat`], 'the card');
    same(people, [[stored, stored]], 'the header');
    await acme.acts(
      'mutation Leave($input: LeaveConversationInput!) { leaveConversation(input: $input) { userErrors { message } } }',
      { conversationId: its.id },
    );
    await chatIs(page, ({ rows }) => rows.at(-1).text === `${stored} left the chat`, `the end of ${stored}`);
    await until(
      () => ada.page.evaluate(() => document.querySelector('main').textContent),
      (text) => text.includes(stored),
      `the name in the dashboard: ${stored}`,
    );
  }
  check(
    refused.every(isNoName),
    `names that the server refuses: ${JSON.stringify(refused)}`,
  );
  check(count >= 35, `only ${count} names`);
  await checkInert(page, 'a page with names of payloads');
  await checkInert(ada.page, 'the dashboard with names of payloads');
  for (const path of ['/profile', '/visitors', '/settings/account']) {
    await ada.page.goto(path);
    await ada.page.getByRole('main').waitFor();
    await until(() => ada.page.getByRole('heading', { level: 1 }).count(), Boolean, `the page ${path}`);
    await checkInert(ada.page, `${path} with a name of payloads`);
  }
  await acme.update(acme.owner, { name: 'Ada Lovelace', publicName: 'Ada Lovelace', description: null });
  stage.step(`${count} names and descriptions of an operator: shown literally in the chat and in the dashboard`);
}

/** As name and address of visitors, through the API. */
async function introducesAll({ stage, acme, base }) {
  const refused = [];
  for (const [index, payload] of PAYLOADS.entries()) {
    const name = [...payload].slice(0, 100).join('').trim();
    const send = async (visitor) => {
      const response = await fetch(`${base}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer vt_${randomBytes(32).toString('base64url')}`,
        },
        body: JSON.stringify({
          query: `mutation Send($input: SendChatMessageInput!) {
            sendChatMessage(input: $input) { chat { visitor { name email } } userErrors { __typename path } }
          }`,
          variables: { input: { widgetKey: acme.widgetKey, clientMessageId: '1', text: `Hello ${index}`, visitor } },
        }),
      });
      return (await response.json()).data.sendChatMessage;
    };
    const named = await send({ name });
    if (named.userErrors.length > 0) {
      same(named.userErrors, [{ __typename: 'InvalidInput', path: ['visitor', 'name'] }], `the name ${name}`);
      refused.push(payload);
    } else {
      same(named.chat.visitor.name, name.normalize('NFC'), 'the name of a visitor');
    }
    const addressed = await send({ email: name });
    if (addressed.userErrors.length > 0) {
      same(addressed.userErrors, [{ __typename: 'InvalidInput', path: ['visitor', 'email'] }], `the address ${name}`);
    } else {
      // Of a mailto: link, the address.
      check(/^[^\s<>"?]+@[^\s<>"?]+$/.test(addressed.chat.visitor.email), `the address ${addressed.chat.visitor.email}`);
    }
  }
  check(
    refused.every(isNoName),
    `names that the server refuses: ${JSON.stringify(refused)}`,
  );
  stage.step(`${PAYLOADS.length} names and addresses of visitors: stored literally, or refused as InvalidInput`);
}

/** As name and address of visitors, by scripts of the page. */
async function isIntroducedByThePage(town) {
  const { stage, acme } = town;
  const details = [
    [{ name: PAYLOADS[0], email: 'ann@example.com' }, { name: PAYLOADS[0], email: 'ann@example.com' }],
    [{ name: 'Ann', email: PAYLOADS[1] }, { name: 'Ann', email: null }],
    [{ name: 'A'.repeat(5_000), email: 'a@b@c' }, { name: null, email: null }],
    [{ name: { toString: null }, email: ['x'] }, { name: null, email: null }],
    [null, { name: null, email: null }],
  ];
  for (const [index, [given, wanted]] of details.entries()) {
    const { page } = await visit(town);
    await page.evaluate((what) => globalThis.deskbell.setVisitor(what), given);
    const word = `I am visitor ${index}`;
    await writes(page, word);
    const { visitor } = await conversationOf(acme, word);
    same(visitor, wanted, `what is known of visitor ${index}`);
    same((await chat(page)).rows.filter(({ problem }) => problem).length, 0, 'messages that were not sent');
    await checkInert(page, `a page of visitor ${index}`);
  }
  await acme.deactivate(acme.owner);
  const away = await stage.visit({ websites: [town.shop] });
  await away.page.goto(`${town.shop.base}/`);
  await widgetSays(away.page, 'We are away');
  await away.page.evaluate((what) => globalThis.deskbell.setVisitor({ email: what }), PAYLOADS[1]);
  await openChat(away.page);
  await chatIs(away.page, ({ boxes }) => boxes.email, 'the field for the address');
  await checkInert(away.page, 'a page whose visitor has an address of payloads');
  stage.step('names and addresses of setVisitor: nothing that a page says keeps a message from being sent');
}
