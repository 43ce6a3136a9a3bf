// A server under test: started with a folder and settings, listened to, and ended.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './check.mjs';

const START_MS = 60_000;
const STOP_MS = 20_000;
const MAIL_MS = 20_000;

/** The caller's environment without any configuration of theirs: only what a test sets counts. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('DESKBELL_')),
);

const running = new Set();
// Whatever ends us takes the servers along.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}

/**
 * Starts `deskbell serve`, or another command that serves, and waits until it can serve. Its database is in `folder`, and its
 * mails are in its log.
 */
export async function start(binary, folder, { command = 'serve', settings = {} } = {}) {
  const env = {
    ...environment,
    DESKBELL_LISTEN: '127.0.0.1:0',
    DESKBELL_DATABASE_URL: databaseIn(folder),
    DESKBELL_RATE_LIMITS: 'off',
    DESKBELL_LOG_FORMAT: 'json',
    ...settings,
  };
  const child = spawn(binary, [command], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env });
  const deskbell = new Deskbell(child);
  await deskbell.isUp();
  return deskbell;
}

export const databaseIn = (folder) => `sqlite:${join(folder, 'deskbell.db')}`;

class Deskbell {
  #child;
  #stopped;
  #failed;
  /** What it logs, oldest first, and who waits for a line. */
  #lines = [];
  #waiting = new Set();
  /** Where it is reached: `http://127.0.0.1:34567`. */
  base = '';
  /** What it told whoever started it. */
  said = '';

  constructor(child) {
    this.#child = child;
    running.add(child);
    this.#stopped = new Promise((resolve) => child.on('exit', (...how) => resolve(how)));
    this.#stopped.then(() => running.delete(child));
    this.#failed = new Promise((_resolve, reject) => child.on('error', reject));
    this.#failed.catch(() => {});
    child.stdout.setEncoding('utf8').on('data', (text) => {
      this.said += text;
    });
    createInterface({ input: child.stderr }).on('line', (text) => {
      const line = parsed(text);
      this.#lines.push(line);
      this.#waiting.forEach((look) => look(line));
    });
  }

  async isUp() {
    // `serve` logs where it listens, `demo` says where its GraphQL is.
    const address = await this.#unlessGone(
      until(
        () =>
          this.#lines.find(({ message }) => message === 'listening')?.address ??
          /http:\/\/(\S+)\/graphql/.exec(this.said)?.[1],
        Boolean,
        'the address',
        START_MS,
      ),
    );
    this.base = `http://${address}`;
    const ready = () => fetch(`${this.base}/readyz`, { signal: AbortSignal.timeout(START_MS) }).catch((error) => error);
    await this.#unlessGone(until(ready, ({ ok }) => ok, '/readyz', START_MS));
  }

  /** The first line of the log, past or to come, that `find` makes something of. */
  async logged(find, what, deadlineMs = MAIL_MS) {
    let look;
    let timer;
    const found = new Promise((resolve, reject) => {
      look = (line) => {
        const value = find(line);
        if (value) {
          resolve(value);
        }
      };
      this.#lines.forEach(look);
      this.#waiting.add(look);
      timer = setTimeout(() => reject(new Error(`${what} did not come within ${deadlineMs} ms`)), deadlineMs);
    });
    try {
      return await this.#unlessGone(found);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  /** The link in the latest mail to an address that leads to `page`: into the log, as no relay is set. */
  mailedLink(email, page, { after = '' } = {}) {
    return this.logged(({ message, ...line }) => {
      const link =
        line['mail.to'] === email && message.split(/\s/).find((word) => word.startsWith(`${this.base}${page}#`));
      return link !== after && link;
    }, `the mail to ${email} with a link to ${page}`);
  }

  /** As a machine that loses its power would end it. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#stopped;
  }

  /** Tells it to stop, and what was not well: with how it stopped, and with what it logged, except what is `expected`. */
  async stop(expected = []) {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const [code, signal] = await Promise.race([this.#stopped, this.#failed.catch(() => ['it did not start'])]);
    clearTimeout(timer);
    const complaints = this.#lines
      .filter(({ level }) => level === 'ERROR' || level === 'WARN')
      .filter(({ message }) => !expected.some((pattern) => pattern.test(message)))
      .map((line) => `the server logged ${JSON.stringify(line)}`);
    if (code !== 0) {
      complaints.push(`the server ended with ${signal ?? code} when it was told to stop`);
    }
    return complaints;
  }

  #unlessGone(promise) {
    const gone = this.#stopped.then(([code, signal]) => {
      const last = this.#lines.slice(-5).map((line) => JSON.stringify(line));
      throw new Error(`the server ended (${signal ?? code}):\n    ${last.join('\n    ')}`);
    });
    gone.catch(() => {});
    return Promise.race([promise, gone, this.#failed]);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { level: 'ERROR', message: text };
  }
}
