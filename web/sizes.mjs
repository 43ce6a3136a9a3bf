// Measures the gzipped scripts of the first load, and fails above the limits:
//   node sizes.mjs
// Build both parts first.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { parseSync } from 'vite';

/** 200 KB, 10 KB and 25 KB, with 1 KB = 1,000 bytes. */
const DASHBOARD_BYTES = 200_000;
const WIDGET_BYTES = 10_000;
/** Loaded when a visitor opens the chat. */
const CHAT_BYTES = 25_000;

const web = dirname(fileURLToPath(import.meta.url));
const faults = [];

const packed = async (file) => {
  const bytes = await promisify(gzip)(await readFile(file), { level: constants.Z_BEST_COMPRESSION });
  return bytes.length;
};

/** The scripts that the page itself refers to: to run, and to preload. */
function namedIn(page) {
  const tags = page.match(/<(?:script|link)\b[^>]*>/g) ?? [];
  return tags.flatMap((tag) => {
    const isScript = tag.startsWith('<script') || /\brel="?modulepreload\b/.test(tag);
    const [, name] = /\b(?:src|href)="([^"]+)"/.exec(tag) ?? [];
    return isScript && name ? [name] : [];
  });
}

/** Static imports of a module. Dynamic imports do not count: they load when a page is opened. */
function importedBy(code) {
  return parseSync('script.js', code).program.body.flatMap(({ source }) => (source ? [source.value] : []));
}

/** The paths of all scripts of the first load. */
async function firstLoad(dist) {
  const found = new Set();
  const visit = async (name, from) => {
    const { pathname } = new URL(name, new URL(from, 'http://localhost'));
    if (found.has(pathname)) {
      return;
    }
    found.add(pathname);
    for (const imported of importedBy(await readFile(join(dist, pathname), 'utf8'))) {
      await visit(imported, pathname);
    }
  };
  for (const name of namedIn(await readFile(join(dist, 'index.html'), 'utf8'))) {
    await visit(name, '/');
  }
  return [...found];
}

function judge(what, bytes, limit) {
  const kb = (count) => `${(count / 1000).toFixed(1)} KB`;
  console.log(`${what}: ${kb(bytes)} gzipped, of ${kb(limit)}`);
  if (bytes >= limit) {
    faults.push(`${what}: ${bytes} bytes gzipped, the limit is ${limit}`);
  }
}

const dist = join(web, 'dashboard', 'dist');
const scripts = await firstLoad(dist);
if (scripts.length === 0) {
  faults.push('The page of the dashboard refers to no script: it is a stub, or this script cannot read it');
}
const sizes = await Promise.all(scripts.map((name) => packed(join(dist, name))));
judge(
  `The dashboard's first load (${scripts.length} scripts)`,
  sizes.reduce((sum, size) => sum + size, 0),
  DASHBOARD_BYTES,
);
judge('The widget', await packed(join(web, 'widget', 'dist', 'widget.js')), WIDGET_BYTES);
judge('The chat', await packed(join(web, 'widget', 'dist', 'chat.js')), CHAT_BYTES);

for (const fault of faults) {
  console.error(fault);
}
process.exitCode = faults.length > 0 ? 1 : 0;
