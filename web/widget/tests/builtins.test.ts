import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/**
 * Built-ins that pages are known to replace with something different: Prototype up to 1.7, MooTools
 * up to 1.4, and polyfills from before the standard; and names that pages use for their own
 * classes. Syntax and the oldest methods of arrays, strings and nodes are safe.
 */
const REPLACED: readonly RegExp[] = [
  /\bArray\.(from|of)\b/,
  /\bObject\.(assign|entries|fromEntries|hasOwn|keys|values)\b/,
  /\bJSON\.stringify\b/,
  /\bPromise\b(?!<)/,
  /\bnew (Event|Map|Set|WeakMap|WeakSet|Symbol|Text|Image|Option|Request|Response)\b/,
  // Functions and promises.
  /\.(bind|catch|finally|then)\(/,
  // Arrays and strings.
  /\.(at|entries|every|fill|filter|find|findIndex|findLast|flat|flatMap|forEach|includes|indexOf|keys|lastIndexOf|map)\(/,
  /\.(padEnd|padStart|reduce|repeat|replaceAll|reverse|some|sort|endsWith|startsWith|trim|trimEnd|trimStart|values)\(/,
  // Elements.
  /\.(after|append|before|closest|matches|prepend|remove|replaceChildren|replaceWith|toggle)\(/,
];

const sources = join(import.meta.dirname, '../src');

it.each(readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')))(
  '%s uses no built-in that pages replace',
  (name) => {
    const lines = readFileSync(join(sources, name), 'utf8').split('\n');
    const found = lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && REPLACED.some((one) => one.test(line)));
    expect(found).toEqual([]);
  },
);
