// Measures the chat window in Chromium, against a server on loopback:
//   ./scripts/bench chat-window [--runs N]
//
// Opening: from the press of the pill until the visitor can write, with `chat.js` in the browser's
// cache. Answer: from the operator's send until the visitor's page has drawn the message.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../tests/browser/stage/browser.mjs';
import { company } from '../tests/browser/stage/people.mjs';
import { strict, snippet, Website } from '../tests/browser/stage/website.mjs';
import { start } from '../tests/clients/deskbell.mjs';

const [binary, ...more] = process.argv.slice(2);
const runs = Number(more[more.indexOf('--runs') + 1]) || 20;
const OPEN_MS = 300;
const ANSWER_MS = 150;

const folder = mkdtempSync(join(tmpdir(), 'deskbell-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const deskbell = await start(binary, folder);
const acme = await company(deskbell.base);
const shop = await Website.open();
const url = shop.page('/', snippet(deskbell.base, acme.widgetKey), { policy: strict(deskbell.base) });
const browser = await launch();
const context = await browser.newContext();

// The shadow trees are open here, so that the page itself can note when something is drawn.
await context.addInitScript(() => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    return attach.call(this, { ...options, mode: 'open' });
  };
  const inside = () => document.querySelector('deskbell-widget')?.shadowRoot;
  /** The time of the first frame in which `isRight` holds. */
  globalThis.drawn = (isRight) =>
    new Promise((resolve) => {
      const look = () => (inside() && isRight(inside()) ? setTimeout(() => resolve(Date.now())) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    });
});

const milliseconds = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), max: at(1) };
};

async function opened() {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(() => globalThis.drawn((shadow) => shadow.querySelector('.pill')?.checkVisibility()));
  const time = await page.evaluate(async () => {
    const { shadowRoot } = document.querySelector('deskbell-widget');
    const ready = globalThis.drawn((shadow) => shadow.activeElement?.matches('textarea'));
    const began = Date.now();
    shadowRoot.querySelector('.pill').click();
    return (await ready) - began;
  });
  return { page, time };
}

async function answered(page, conversationId, number) {
  const text = `Answer ${number}`;
  const drawn = page.evaluate(
    (its) =>
      globalThis.drawn((shadow) => [...shadow.querySelectorAll('.c-bubble')].some(({ textContent }) => textContent === its)),
    text,
  );
  const began = Date.now();
  await acme.acts('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { message } } }', {
    conversationId,
    clientMessageId: text,
    text,
  });
  return (await drawn) - began;
}

const opening = [];
// The first one fills the cache.
await (await opened()).page.close();
let page;
for (let run = 0; run < runs; run += 1) {
  await page?.close();
  const { page: next, time } = await opened();
  page = next;
  opening.push(time);
}
await page.keyboard.type('Hello');
await page.keyboard.press('Enter');
await page.evaluate(() => globalThis.drawn((shadow) => /Sent/.test(shadow.querySelector('.c-mark')?.textContent ?? '')));
const { account } = await acme.acts('{ account { conversations(first: 1) { nodes { id } } } }');
const answers = [];
for (let run = 0; run < runs; run += 1) {
  answers.push(await answered(page, account.conversations.nodes[0].id, run));
}

const line = (what, values, target) => {
  const { p50, max } = milliseconds(values);
  console.log(`${what.padEnd(52)} p50 ${String(p50).padStart(4)} ms   max ${String(max).padStart(4)} ms   target ${target} ms`);
};
console.log(`The chat window, ${runs} runs:`);
line('press of the pill to the composer, cached chat.js', opening, OPEN_MS);
line('operator’s send to the message on the page', answers, ANSWER_MS);
await browser.close();
await shop.close();
await deskbell.stop();
