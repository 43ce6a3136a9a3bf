// Runs the examples of the documents against demos, as a reader does who pastes one block after
// another into one shell. What a block prints must be what the document shows below it, apart from
// ids, times and the server's address:
//   node documents.mjs PATH/TO/deskbell
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { check, until } from './check.mjs';
import { environment, start } from './deskbell.mjs';

const [binary] = process.argv.slice(2).map((path) => resolve(path));
if (!binary) {
  console.error('usage: node documents.mjs PATH/TO/deskbell');
  process.exit(2);
}

/** Documents with examples, and the heading above those that run. */
const DOCUMENTS = [
  ['README.md', 'A walk'],
  ['docs/availability.md', 'As JSON'],
];

const OUTPUT_MS = 20_000;
const ADDRESS = '127.0.0.1:8080';
const MASKED = [
  [/wk_[\w-]{22}/g, 'wk_…'],
  [/card_[\w-]{22}/g, 'card_…'],
  [/"id":"[\w-]+"/g, '"id":"…"'],
  [/"cursor":"[\w-]+"/g, '"cursor":"…"'],
  [/photos\/[0-9a-f]{32}/g, 'photos/…'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(a time)'],
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

/** The fenced blocks below a heading: the language and the text of each. */
function blocksOf(file, heading) {
  const text = readFileSync(join(root, file), 'utf8');
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(`## ${heading}\n`));
  check(section, `${file} has no heading "${heading}"`);
  return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, body]) => ({ language, body }));
}

/** Each example with the lines that it must print. Several blocks of output may follow it. */
function examplesOf(file, heading) {
  const examples = [];
  for (const { language, body } of blocksOf(file, heading)) {
    if (language === 'json' || language === 'text') {
      check(examples.length > 0, `${file}: output before the first example`);
      examples.at(-1).expected.push(...comparable(body));
    } else {
      examples.push({ language, body, expected: [] });
    }
  }
  check(examples.length > 0, `${file}: no examples below "${heading}"`);
  return examples;
}

/**
 * The lines of an output without what differs from run to run. An event stream and the shell print
 * in any order, and a stream also has empty lines and comments.
 */
function comparable(output) {
  const masked = MASKED.reduce((text, [pattern, shown]) => text.replace(pattern, shown), output);
  return masked.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
}

/** A process that reads examples, and the lines that it has printed since the last example. */
class Reader {
  #child;
  #printed = [];

  constructor(command, args, folder, cwd) {
    this.#child = spawn(command, args, { cwd, detached: true, env: { ...environment, TMPDIR: folder } });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#printed.push(line));
    }
  }

  type(text) {
    this.#child.stdin.write(text);
  }

  typeAll(text) {
    this.#child.stdin.end(text);
  }

  async prints(expected, what, address) {
    const wanted = [...expected].sort().join('\n');
    const lines = () => comparable(this.#printed.join('\n').replaceAll(address, ADDRESS)).sort();
    const isRight = (text) => text === wanted;
    try {
      await until(() => lines().join('\n'), isRight, what, OUTPUT_MS);
    } catch {
      throw new Error(`${what}\n  should print\n${indented(expected)}\n  but prints\n${indented(lines())}`);
    }
    this.#printed = [];
  }

  /** Stops it and its background jobs. */
  end() {
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch (error) {
      check(error.code === 'ESRCH', error.message);
    }
  }
}

const indented = (lines) => lines.map((line) => `    ${line}`).join('\n');

async function runs(file, heading, folder) {
  const demo = await start(binary, folder, { command: 'demo' });
  const address = demo.base.replace('http://', '');
  const key = /Widget key\s+(\S+)/.exec(demo.said)[1];
  const readers = [new Reader('bash', ['--norc'], folder, root)];
  const [shell] = readers;
  try {
    const examples = examplesOf(file, heading);
    for (const [index, { language, body, expected }] of examples.entries()) {
      const what = `${file}: example ${index + 1}, ${language}:\n${indented(body.trimEnd().split('\n'))}`;
      const typed = body.replaceAll(ADDRESS, address).replace(/wk_[\w-]{22}/g, key);
      if (language === 'sh') {
        const end = `(end of example ${index + 1})`;
        shell.type(`${typed}\necho '${end}'\n`);
        await shell.prints([...expected, end], what, address);
      } else {
        check(language === 'js', `${file}: nothing runs ${language}`);
        // A module from standard input finds packages from the working directory.
        const node = new Reader(process.execPath, ['--input-type=module', '-', key], folder, here);
        readers.push(node);
        node.typeAll(typed);
        await node.prints(expected, what, address);
      }
    }
    console.log(`  ok ${file}, "${heading}": ${examples.length} examples`);
  } finally {
    readers.forEach((reader) => reader.end());
  }
  const complaints = await demo.stop();
  check(complaints.length === 0, complaints.join('\n'));
}

for (const [file, heading] of DOCUMENTS) {
  const folder = mkdtempSync(join(tmpdir(), 'deskbell-documents-'));
  try {
    await runs(file, heading, folder);
  } catch (error) {
    console.error(`FAILED ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
// A failed example leaves its demo running, which ends with this process.
process.exit();
