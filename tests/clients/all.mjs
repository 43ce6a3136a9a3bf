// Every client here against a server of its own, with a database that is thrown away:
//   node all.mjs PATH/TO/deskbell [direct|library]
// The second says what writes WebSocket frames; with the one that is not the default, only the clients of WebSockets run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [binary, writer = 'direct'] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node all.mjs PATH/TO/deskbell [direct|library]');
  process.exit(2);
}

const START_MS = 60_000;
const STOP_MS = 20_000;
const CLIENT_MS = 180_000;

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'deskbell-clients-'));

/** What the server logs, oldest first, and who waits for a line. */
const lines = [];
const waiting = new Set();

// Nothing of the caller's own configuration: only what these clients need.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DESKBELL_')));
const server = spawn(binary, ['serve'], {
  cwd: folder,
  stdio: ['ignore', 'inherit', 'pipe'],
  env: {
    ...env,
    DESKBELL_LISTEN: '127.0.0.1:0',
    DESKBELL_DATABASE_URL: `sqlite:${join(folder, 'clients.db')}`,
    DESKBELL_RATE_LIMITS: 'off',
    DESKBELL_WEBSOCKET_WRITER: writer,
    DESKBELL_LOG_FORMAT: 'json',
  },
});
const stopped = once(server, 'exit');
const startFailed = once(server, 'error').then(([error]) => Promise.reject(error));
startFailed.catch(() => {});
createInterface({ input: server.stderr }).on('line', (text) => {
  let line;
  try {
    line = JSON.parse(text);
  } catch {
    line = { level: 'ERROR', message: text };
  }
  lines.push(line);
  waiting.forEach((look) => look(line));
});

/** The first line of the log, past or to come, that `find` makes something of. */
async function logged(find, what, deadlineMs) {
  let look;
  let timer;
  const found = new Promise((resolve, reject) => {
    look = (line) => {
      const value = find(line);
      if (value) {
        resolve(value);
      }
    };
    lines.forEach(look);
    waiting.add(look);
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${deadlineMs} ms`)), deadlineMs);
  });
  const gone = stopped.then(([code, signal]) => Promise.reject(new Error(`the server ended (${signal ?? code}): ${what} will not come`)));
  try {
    return await Promise.race([found, gone, startFailed]);
  } finally {
    clearTimeout(timer);
    waiting.delete(look);
  }
}

/** Asks until the server says that it can serve. */
async function ready(base) {
  const end = Date.now() + START_MS;
  for (;;) {
    const answer = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(START_MS) }).catch((error) => error);
    if (answer.ok) {
      return;
    }
    if (Date.now() > end) {
      throw new Error(`/readyz: ${answer.status ?? answer}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function client(base, file) {
  const child = spawn(process.execPath, [here(file), base], { stdio: 'inherit', env });
  const timer = setTimeout(() => child.kill(), CLIENT_MS);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(timer);
  return code === 0 ? [] : [`${file} (${signal ? `stopped after ${CLIENT_MS} ms` : `exit status ${code}`})`];
}

const stop = () => server.kill('SIGTERM');
// Stopped from outside, it takes the server along; the clients are of the same group and end by themselves.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}

const failed = [];
try {
  const address = await logged((line) => line.message === 'listening' && line.address, 'the address', START_MS);
  const base = `http://${address}`;
  await ready(base);
  const files = writer === 'direct' ? ['audit', 'graphql-ws', 'graphql-sse', 'graphiql'] : ['graphql-ws'];
  for (const file of files) {
    failed.push(...(await client(base, `./${file}.mjs`)));
  }
} catch (error) {
  failed.push(error.stack);
}

stop();
const kill = setTimeout(() => server.kill('SIGKILL'), STOP_MS);
const [code, signal] = await Promise.race([stopped, startFailed.catch(() => ['it did not start'])]);
clearTimeout(kill);
if (code !== 0) {
  failed.push(`the server ended with ${signal ?? code} when it was told to stop`);
}
// No client may bring the server to complain about itself.
for (const line of lines.filter(({ level }) => level === 'ERROR' || level === 'WARN')) {
  failed.push(`the server logged ${JSON.stringify(line)}`);
}
rmSync(folder, { recursive: true, force: true });

for (const failure of failed) {
  console.error(`FAILED ${failure}`);
}
if (failed.length > 0) {
  process.exit(1);
}
console.log(`every client is content (WebSocket frames: ${writer})`);
