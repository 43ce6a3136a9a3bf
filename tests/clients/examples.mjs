// Runs the examples of docs/own-front-end.md against `deskbell demo`, as their readers do, and
// compares what they print. The example with cookies is a page, so a browser story runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { same } from './check.mjs';
import { environment, start } from './deskbell.mjs';

const EXAMPLE_MS = 60_000;
const FOLDER = fileURLToPath(new URL('../../examples', import.meta.url));

const FULL = 'SeatLimitReached: All 3 seats are in use. Deactivate an operator or add seats. (3 of 3)';
const FIRST_PAGE = 'operators: Ada Lovelace (active), Bohumil Novák (active)';
const REST = ['signed out', 'the session has ended', 'refused: UNAUTHENTICATED'];
const LIVE = 'the subscription reports 3 of 3 seats in use';
const PHOTO = 'photo uploaded: 240 pixels wide';

/** The lines of each example. All leave the demo as they found it, except for Ada's photo. */
const EXPECTED = {
  token: [
    'signed in as Ada Lovelace',
    'operators: Ada Lovelace, Bohumil Novák, Cy Twombly, Dana Whitfield',
    'socket: 2 of 3 seats in use',
    'stream: available are Ada Lovelace, Bob',
    'activateOperator Cy Twombly: active',
    'socket: 3 of 3 seats in use',
    'stream: available are Ada Lovelace, Bob, Cy Twombly',
    `activateOperator Dana Whitfield: ${FULL}`,
    'deactivateOperator Cy Twombly: inactive',
    'socket: 2 of 3 seats in use',
    'stream: available are Ada Lovelace, Bob',
    'signed out',
    'socket closed: 4403 Session ended',
    'stream ended: UNAUTHENTICATED',
    'token refused: UNAUTHENTICATED',
  ],
  apollo: [
    'signed in as Ada Lovelace',
    FIRST_PAGE,
    `${FIRST_PAGE}, Cy Twombly, Dana Whitfield`,
    PHOTO,
    'Cy Twombly is active',
    LIVE,
    `${FIRST_PAGE}, Cy Twombly (active), Dana Whitfield`,
    FULL,
    'Cy Twombly is inactive',
    ...REST,
  ],
  urql: [
    'signed in as Ada Lovelace',
    FIRST_PAGE,
    `${FIRST_PAGE}, Cy Twombly, Dana Whitfield`,
    'a wrong cursor: BAD_USER_INPUT',
    PHOTO,
    'the list showed Cy Twombly: inactive, active',
    LIVE,
    FULL,
    'the list showed Dana Whitfield: inactive, active, inactive',
    'the list showed Cy Twombly: active, inactive',
    ...REST,
  ],
  relay: [
    'signed in as Ada Lovelace',
    FIRST_PAGE,
    `${FIRST_PAGE}, Cy Twombly, Dana Whitfield`,
    PHOTO,
    'Cy Twombly is active',
    LIVE,
    `${FIRST_PAGE}, Cy Twombly (active), Dana Whitfield`,
    FULL,
    'Cy Twombly is inactive',
    ...REST,
  ],
};

/** Runs all examples, one after the other. Returns complaints. */
export async function runExamples(binary, folder) {
  const server = await start(binary, folder, { command: 'demo' });
  const complaints = [];
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const began = Date.now();
    try {
      const printed = await run(name, server.base);
      same(printed, expected, `the output of examples/${name}`);
      console.log(`examples/${name}: ${printed.length} lines as expected (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      complaints.push(error.message);
    }
  }
  complaints.push(...(await server.stop()));
  return complaints;
}

/** The lines that an example prints. */
async function run(name, base) {
  const child = spawn('npm', ['start', '--silent', '--prefix', `${FOLDER}/${name}`, '--', base], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const timer = setTimeout(() => child.kill(), EXAMPLE_MS);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  const lines = printed.split('\n').slice(0, -1);
  if (code !== 0) {
    throw new Error(`examples/${name} ended with ${signal ?? code}, after: ${lines.at(-1)}`);
  }
  return lines;
}
