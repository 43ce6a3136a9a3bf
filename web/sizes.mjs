// Measures what a browser has to fetch before anything happens, gzipped, and fails when it has become too much:
//   node sizes.mjs
// Wants both parts built.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { parseSync } from 'vite';

/** Under 200 KB and 10 KB, by thousands. */
const DASHBOARD_BYTES = 200_000;
const WIDGET_BYTES = 10_000;

const web = dirname(fileURLToPath(import.meta.url));
const faults = [];

const packed = async (file) => {
  const bytes = await promisify(gzip)(await readFile(file), { level: constants.Z_BEST_COMPRESSION });
  return bytes.length;
};

/** The scripts that the page names itself: to run, and to have ready. */
function namedIn(page) {
  const tags = page.match(/<(?:script|link)\b[^>]*>/g) ?? [];
  return tags.flatMap((tag) => {
    const isScript = tag.startsWith('<script') || /\brel="?modulepreload\b/.test(tag);
    const [, name] = /\b(?:src|href)="([^"]+)"/.exec(tag) ?? [];
    return isScript && name ? [name] : [];
  });
}

/** What a module imports before it runs; what it imports later, when somebody opens a page, does not count. */
function importedBy(code) {
  return parseSync('script.js', code).program.body.flatMap(({ source }) => (source ? [source.value] : []));
}

/** Every script of the first load, by its address. */
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
    faults.push(`${what}: ${bytes} bytes gzipped, and ${limit} are too many`);
  }
}

const dist = join(web, 'dashboard', 'dist');
const scripts = await firstLoad(dist);
if (scripts.length === 0) {
  faults.push('The page of the dashboard names no script: it is a stub, or is not read rightly here');
}
const sizes = await Promise.all(scripts.map((name) => packed(join(dist, name))));
judge(
  `The dashboard's first load (${scripts.length} scripts)`,
  sizes.reduce((sum, size) => sum + size, 0),
  DASHBOARD_BYTES,
);
judge('The widget', await packed(join(web, 'widget', 'dist', 'widget.js')), WIDGET_BYTES);

for (const fault of faults) {
  console.error(fault);
}
process.exitCode = faults.length > 0 ? 1 : 0;
