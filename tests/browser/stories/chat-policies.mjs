import { check, same, until } from '../../clients/check.mjs';
import { chat, chatIs, openChat, talks } from '../stage/chat-reader.mjs';
import { company } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { press, widget, widgetSays } from '../stage/widget.mjs';

export const title = 'The chat works under the policies that docs/embedding.md names, or promises nothing';

const HERE = 'We are available';
const NONCE = 'bm9uY2U';
const UNSAVED = 'This browser keeps nothing for this page. After a reload, this chat is gone.';

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base);
  const shop = await stage.website();
  const wss = base.replace(/^http/, 'ws');
  const town = { stage, acme, shop, base, connect: `connect-src ${base} ${wss}` };

  await allows(town, 'the two directives', { policy: strict(base) });
  await allows(town, 'paths written in full', {
    policy:
      `default-src 'none'; script-src ${base}/widget.js ${base}/chat.js; ` +
      `connect-src ${base}/graphql ${base}/photos/ ${wss}/graphql`,
  });
  const only = "default-src 'none'; script-src";
  await allows(town, 'a nonce, and no host', { policy: `${only} 'nonce-${NONCE}'; ${town.connect}`, nonce: NONCE });
  const dynamic = `${only} 'nonce-${NONCE}' 'strict-dynamic'; ${town.connect}`;
  await allows(town, "'strict-dynamic' with a nonce", { policy: dynamic, nonce: NONCE });
  await allows(town, "'strict-dynamic', added by a script", { policy: dynamic, isAdded: true });
  const trusted = "; require-trusted-types-for 'script'";
  await allows(town, 'Trusted Types with the host', { policy: strict(base) + trusted });
  await allows(town, 'Trusted Types with a nonce only', {
    policy: `${only} 'nonce-${NONCE}'; ${town.connect}${trusted}`,
    nonce: NONCE,
  });
  await allows(town, "Trusted Types, 'strict-dynamic' and no policies", {
    policy: `${dynamic}${trusted}; trusted-types 'none'`,
    nonce: NONCE,
  });
  await promisesNothing(town);
  await servesCopies(town);
  await worksInAFrame(town);
}

/** Checks that the chat works on a page with this policy, and that nothing was blocked. */
async function allows(town, name, { policy, nonce, isAdded = false }) {
  const { stage, acme, shop, base } = town;
  const { page, sockets } = await stage.visit({ websites: [shop] });
  const tag = isAdded
    ? `<script nonce="${NONCE}">
        const script = document.createElement('script');
        script.src = '${base}/widget.js';
        script.async = true;
        script.dataset.key = '${acme.widgetKey}';
        document.head.append(script);
      </script>`
    : snippet(base, acme.widgetKey, nonce && `nonce="${nonce}"`);
  await page.goto(shop.page(`/${encodeURIComponent(name).replaceAll("'", '')}`, `<h1>A shop</h1>${tag}`, { policy }));
  await widgetSays(page, HERE);
  await openChat(page);
  await talks(page, acme, { word: `Hello, ${name}` });
  check(sockets.length > 0, `${name}: no socket was opened`);
  stage.step(`${name}: the chat works`);
}

/** A page whose policy names `widget.js` only. */
async function promisesNothing({ stage, acme, shop, base, connect }) {
  const visitor = await stage.visit({ websites: [shop] });
  const { page } = visitor;
  // The violations that this policy asks for.
  visitor.forgive(/blocked by script-src-elem: .*\/chat\.js/, /Content Security Policy.*script-src|chat\.js/);
  const policy = `default-src 'none'; script-src ${base}/widget.js; ${connect}`;
  await page.goto(shop.page('/no-chat', snippet(base, acme.widgetKey), { policy }));
  await widgetSays(page, HERE);
  const shown = await press(page);
  const { heading, people } = shown.heading ? shown : await until(() => widget(page), (now) => now.heading, 'a panel');
  same([heading, people], ['Here for you now', [[acme.owner.name]]], 'the panel of a page that forbids chat.js');
  const { hasChat, isPlain, focus, words } = await chat(page);
  same([hasChat, isPlain, focus], [false, true, 'pill'], 'the chat of a page that forbids it');
  check(!/chat|write|message/i.test(words.join(' ')), `something promises a chat: ${words}`);
  await page.keyboard.press('Escape');
  await until(
    () => widget(page),
    ({ isOpen, hasFocus }) => !isOpen && hasFocus,
    'the closed panel',
  );
  same((await press(page)).isOpen, true, 'the panel, opened again');
  same(await page.evaluate(() => localStorage.length), 0, 'what is stored');
  stage.step('a page that allows widget.js only: pill and availability as before');
}

async function servesCopies({ stage, acme, shop, base, connect }) {
  const copy = async (name) => (await fetch(`${base}/${name}`)).text();
  const line = (folder) =>
    `<script async src="${folder}widget.js" data-server="${base}/" data-key="${acme.widgetKey}"></script>`;
  shop.file('/both/widget.js', 'text/javascript', await copy('widget.js'));
  shop.file('/both/chat.js', 'text/javascript', await copy('chat.js'));
  shop.file('/alone/widget.js', 'text/javascript', await copy('widget.js'));

  const both = await stage.visit({ websites: [shop] });
  const fetched = [];
  both.context.on('request', (request) => /\.js$/.test(request.url()) && fetched.push(request.url()));
  const own = `default-src 'none'; script-src 'self'; ${connect}`;
  await both.page.goto(shop.page('/copies', line('/both/'), { policy: own }));
  await widgetSays(both.page, HERE);
  await openChat(both.page);
  await talks(both.page, acme, { word: 'Hello, copies' });
  same(fetched, [`${shop.base}/both/widget.js`, `${shop.base}/both/chat.js`], 'the files of a site with copies');
  stage.step("copies of both files, with script-src 'self': the chat works without scripts of the server");

  const alone = await stage.visit({ websites: [shop] });
  // The copy that does not exist.
  alone.forgive(/\/alone\/chat\.js/, /status of 404/);
  const policy = `default-src 'none'; script-src 'self' ${base}; ${connect}`;
  await alone.page.goto(shop.page('/copy', line('/alone/'), { policy }));
  await widgetSays(alone.page, HERE);
  await openChat(alone.page);
  await talks(alone.page, acme, { word: 'Hello, copy' });
  stage.step('a copy of widget.js alone: chat.js comes from data-server');
}

/** A frame without an origin of its own: no storage, no locks, no forms. */
async function worksInAFrame({ stage, acme, shop, base }) {
  const { page } = await stage.visit({ websites: [shop] });
  shop.page('/framed', `<h1>Framed</h1>${snippet(base, acme.widgetKey)}`, { policy: strict(base) });
  const body = `<style>body { margin: 0 } iframe { border: 0; width: 100vw; height: 100vh; display: block }</style>
    <iframe sandbox="allow-scripts" src="/framed"></iframe>`;
  await page.goto(shop.page('/frame', body));
  const frame = await until(() => page.frames()[1], (one) => one?.url().endsWith('/framed'), 'the frame');
  same(await frame.evaluate(() => origin), 'null', 'the origin of the frame');
  await chatIs(frame, ({ pill }) => pill === HERE, 'the pill in the frame');
  await openChat(frame, { page });
  const its = await talks(frame, acme, { page, word: 'Hello, frame' });
  check(its, 'no conversation');
  await chatIs(frame, ({ notice }) => notice === UNSAVED, 'the notice that nothing is kept');
  // By the button: a sandbox without allow-forms submits no forms.
  await page.keyboard.type('By the button');
  await clickSend(frame, page);
  await chatIs(
    frame,
    ({ rows, draft }) => draft === '' && rows.some(({ text }) => text === 'By the button'),
    'the message that the button sends',
  );
  await stage.picture(page, 'chat-frame');
  stage.step('a frame with origin null: the chat works, and says that it does not survive a reload');
}

async function clickSend(frame, page) {
  const { x, y, width, height } = (await chat(frame)).boxes.send;
  await page.mouse.click(x + width / 2, y + height / 2);
}
