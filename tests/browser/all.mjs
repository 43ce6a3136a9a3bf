// Runs browser stories in Chromium, against servers with temporary databases:
//   node all.mjs PATH/TO/deskbell [WORD …]
// With words, runs only stories whose file name contains one of them. SCREENSHOTS is the folder for
// pictures.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from '../clients/check.mjs';
import { start } from '../clients/deskbell.mjs';
import { launch } from './stage/browser.mjs';
import { company } from './stage/people.mjs';
import { Stage } from './stage/stage.mjs';

const [binary, ...words] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node all.mjs PATH/TO/deskbell [WORD …]');
  process.exit(2);
}

/** Stories in parallel. The browser and the servers need the other cores. */
const PARALLEL = 2;
/** All waits in a story have their own deadline. This timeout is for stories that hang. */
const STORY_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'deskbell-browser-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const screenshots = process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'deskbell-screenshots-'));
mkdirSync(screenshots, { recursive: true });
for (const file of readdirSync(screenshots).filter((name) => name.startsWith('failed-'))) {
  rmSync(join(screenshots, file));
}

const stories = await Promise.all(
  readdirSync(new URL('./stories', import.meta.url))
    .filter((file) => file.endsWith('.mjs') && (words.length === 0 || words.some((word) => file.includes(word))))
    .map(async (file) => ({ name: file.replace(/\.mjs$/, ''), ...(await import(`./stories/${file}`)) })),
);
// Long stories first, so that the run does not end with a single long one.
stories.sort((a, b) => (b.isLong ?? false) - (a.isLong ?? false));

const browser = await launch();
const deskbell = await start(binary, folder);
// Without an account, the dashboard would lead to the form for the first one.
await company(deskbell.base);
const failed = [];

async function run({ name, title, story }) {
  const began = Date.now();
  const stage = new Stage({ binary, browser, deskbell, folder, screenshots });
  const problems = [];
  try {
    await within(story(stage), 'the end of the story', STORY_MS);
    stage.checkFaults();
  } catch (error) {
    const open = await stage.pictureAll(name);
    problems.push(
      `after step ${stage.steps.length}: ${error?.stack ?? JSON.stringify(error)}\n    open: ${open.join(' ')}`,
    );
  }
  problems.push(...(await stage.end()));
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'} ${title} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  stage.steps.forEach((step) => console.log(`     ${step}`));
  problems.forEach((problem) => console.error(`  ${problem}`));
  if (problems.length > 0) {
    failed.push(name);
  }
}

const queue = [...stories];
await Promise.all(
  Array.from({ length: PARALLEL }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await run(next);
    }
  }),
);
await browser.close();
// Stories must not cause errors or warnings of the server.
for (const complaint of await deskbell.stop()) {
  console.error(complaint);
  failed.push('the server');
}
console.log(`Pictures are in ${screenshots}.`);
if (failed.length > 0 || stories.length === 0) {
  console.error(`FAILED: ${failed.join(', ') || 'no story matches'}`);
  process.exit(1);
}
console.log(`${stories.length} stories passed.`);
