import { expect, test } from 'vitest';

/** Folders, and files of `src` itself. Each may import from itself and from those before it. */
const DOWNHILL = [
  ...['gql', 'storage', 'theme', 'i18n', 'ui', 'api'],
  // The rooms.
  ...['photo', 'sign-in', 'operators', 'account', 'plan', 'profile', 'visitors'],
  ...['shell', 'routes', 'App', 'main'],
];

const sources = import.meta.glob<string>('./**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

/** The folder of a path below `src`, or the file if it is in `src` itself. */
function placeOf(path: string): string {
  const [place = ''] = path.split('/');
  return place.replace(/\.tsx?$/, '');
}

/** The paths below `src` that a file imports. */
function importsOf(path: string, source: string): string[] {
  const named = [...source.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'(\.[^']*)'/g)].map(([, name = '']) => name);
  return named
    .map((name) => new URL(name, `file:///src/${path}`).pathname)
    .filter((target) => target.startsWith('/src/'))
    .map((target) => target.slice('/src/'.length))
    .filter((target) => !target.startsWith('style/'));
}

test('folders import downhill', () => {
  const uphill: string[] = [];
  let count = 0;
  for (const [key, source] of Object.entries(sources)) {
    const path = key.slice('./'.length);
    const from = DOWNHILL.indexOf(placeOf(path));
    // Tests may import from everywhere.
    if (path.endsWith('.test.ts')) {
      continue;
    }
    expect(from, `${path} is in no known folder`).not.toBe(-1);
    for (const target of importsOf(path, source)) {
      count += 1;
      const to = DOWNHILL.indexOf(placeOf(target));
      if (to === -1 || to > from) {
        uphill.push(`${path} imports ${target}`);
      }
    }
  }
  expect(uphill).toEqual([]);
  expect(count).toBeGreaterThan(300);
});
