// Takes the pictures for the README and docs/ from the demo:
//   node readme.mjs PATH/TO/deskbell [FOLDER]
// The default folder is docs/pictures, where they are committed. They are small and contain no
// dates. The chat shows the time of the day.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from '../clients/check.mjs';
import { start } from '../clients/deskbell.mjs';
import { launch, Visit } from './stage/browser.mjs';
import { answers, chatHas, chatIs, conversationOf, openChat, writes } from './stage/chat-reader.mjs';
import { enter } from './stage/pages.mjs';
import { ask } from './stage/people.mjs';
import { dropPhoto, portrait } from './stage/photo.mjs';
import { widgetSays } from './stage/widget.mjs';

const [binary, pictures = fileURLToPath(new URL('../../docs/pictures', import.meta.url))] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node readme.mjs PATH/TO/deskbell [FOLDER]');
  process.exit(2);
}

const MOST_BYTES = 150_000;

const folder = mkdtempSync(join(tmpdir(), 'deskbell-readme-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
mkdirSync(pictures, { recursive: true });
const demo = await start(resolve(binary), folder, { command: 'demo' });
const browser = await launch();

async function picture(page, name, options = {}) {
  // Avoids hover effects.
  await page.mouse.move(0, 0);
  const png = await page.screenshot({ animations: 'disabled', ...options });
  check(png.length < MOST_BYTES, `${name} has ${png.length} bytes`);
  writeFileSync(join(pictures, `${name}.png`), png);
  console.log(`${name}.png: ${png.length} bytes`);
}

/** Opens a window of this size. */
async function window(width, height) {
  const visit = await Visit.begin(browser, { origins: [demo.base], baseURL: demo.base, viewport: { width, height } });
  return visit.page;
}

const ADA = { email: 'ada@acme.example', password: 'correct-horse-desk-bell' };

const dashboard = await window(1240, 520);
await enter(dashboard, ADA, '/settings/operators');
await dashboard.getByRole('switch', { name: 'Active: Dana Whitfield' }).waitFor();
await dashboard.waitForLoadState('networkidle');
await picture(dashboard, 'operators');

// A new operator, whose page has no dates yet.
await dashboard.setViewportSize({ width: 1240, height: 760 });
await dashboard.getByRole('link', { name: 'Add operator' }).click();
const bytes = await portrait(browser, { colour: '#b5832f', width: 480, height: 480 });
// The README's walk uploads it.
writeFileSync(join(pictures, 'eve.jpg'), bytes);
const photo = { name: 'eve.jpg', type: 'image/jpeg', bytes };
await dropPhoto(dashboard, dashboard.locator('.photo-field'), photo);
const crop = dashboard.getByRole('dialog', { name: 'Crop the photo' });
await crop.getByRole('button', { name: 'Use this photo' }).click();
await crop.waitFor({ state: 'hidden' });
await dashboard.getByLabel('Name', { exact: true }).fill('Eve Novotná');
await dashboard.getByLabel('Name visible to visitors').fill('Eve');
await dashboard.getByLabel('E-mail', { exact: true }).fill('eve@acme.example');
await dashboard.getByLabel('Description').fill('Shipping and customs');
await dashboard.getByRole('heading', { name: 'New operator' }).click();
await dashboard.evaluate(() => scrollTo(0, 0));
await picture(dashboard, 'operator');

const website = await window(1240, 700);
await website.goto('/demo');
await widgetSays(website, 'We are available');
await website.waitForLoadState('networkidle');
const note = await website.getByRole('complementary', { name: 'About this demo' }).boundingBox();
const below = (height) => ({ clip: { x: 0, y: note.height, width: 1240, height: height - note.height } });
await picture(website, 'widget', below(700));

await website.setViewportSize({ width: 1240, height: 800 });
// The demo answers only what is written on /demo.
await website.evaluate(() => history.replaceState(null, '', '/shop'));
const { signIn } = await ask(
  demo.base,
  'mutation SignIn($input: SignInInput!) { signIn(input: $input) { token userErrors { message } } }',
  { ...ADA, transport: 'TOKEN' },
);
const ada = {
  base: demo.base,
  token: signIn.token,
  acts: (document, input) => ask(demo.base, document, input, signIn.token),
};
const question = 'Hello, does the late lamp also fit a thick desk?';
const answer = 'Yes, up to five centimetres. For thicker ones we have a longer joint, at no extra cost.';
await openChat(website);
await writes(website, question);
const conversation = await conversationOf(ada, question);
await answers(ada, conversation, answer);
await chatHas(website, answer);
await writes(website, 'Great, mine has four.');
await chatIs(website, ({ rows }) => rows.at(-1).mark === 'Sent', 'the message that was sent');
// It is the fourth message: operators who join are one, too.
await ada.acts(
  'mutation Read($input: MarkConversationReadInput!) { markConversationRead(input: $input) { userErrors { message } } }',
  { conversationId: conversation.id, upTo: 4 },
);
await chatIs(website, ({ rows }) => rows.at(-1).mark === 'Seen', 'the message that was seen');
// Without the ring of the focus.
await website.getByRole('heading', { name: 'Good things for desks' }).click();
await website.waitForLoadState('networkidle');
await picture(website, 'chat', below(800));

await browser.close();
const complaints = await demo.stop();
check(complaints.length === 0, complaints.join('\n'));
