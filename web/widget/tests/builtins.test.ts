import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/**
 * What pages are known to replace by something that works differently: Prototype up to 1.7, MooTools up to 1.4, and polyfills that were
 * written before the standard was; and names that pages give classes of their own. Syntax and the oldest methods of arrays, strings and
 * nodes are what they were.
 */
const REPLACED: readonly RegExp[] = [
  /\bArray\.(from|of)\b/,
  /\bObject\.(assign|entries|fromEntries|hasOwn|keys|values)\b/,
  /\bJSON\.stringify\b/,
  /\bPromise\b(?!<)/,
  /\bnew (Event|Map|Set|WeakMap|WeakSet|Symbol|Text|Image|Option|Request|Response)\b/,
  // Of functions and promises.
  /\.(bind|catch|finally|then)\(/,
  // Of arrays and strings.
  /\.(at|entries|every|fill|filter|find|findIndex|findLast|flat|flatMap|forEach|includes|indexOf|keys|lastIndexOf|map)\(/,
  /\.(padEnd|padStart|reduce|repeat|replaceAll|reverse|some|sort|endsWith|startsWith|trim|trimEnd|trimStart|values)\(/,
  // Of elements.
  /\.(after|append|before|closest|matches|prepend|remove|replaceChildren|replaceWith|toggle)\(/,
];

const sources = join(import.meta.dirname, '../src');

it.each(readdirSync(sources).filter((name) => name.endsWith('.ts')))('%s uses nothing that pages replace', (name) => {
  const lines = readFileSync(join(sources, name), 'utf8').split('\n');
  const found = lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && REPLACED.some((one) => one.test(line)));
  expect(found).toEqual([]);
});
