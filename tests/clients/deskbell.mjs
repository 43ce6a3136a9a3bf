// A server under test: starts it with a folder and settings, reads its log, and stops it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './check.mjs';

const START_MS = 60_000;
const STOP_MS = 20_000;
const MAIL_MS = 20_000;

/** The environment without settings of the server: only those of a test count. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('DESKBELL_')),
);

const running = new Set();
// Kills all servers when this process ends.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}

/**
 * Starts `deskbell serve`, or another command that serves, and waits until it is ready. The
 * database is in `folder`, and mails are in the log.
 */
export async function start(binary, folder, { command = 'serve', settings = {} } = {}) {
  const env = {
    ...environment,
    DESKBELL_LISTEN: '127.0.0.1:0',
    DESKBELL_DATABASE_URL: databaseIn(folder),
    DESKBELL_RATE_LIMITS: 'off',
    DESKBELL_LOG_FORMAT: 'json',
    // Stories and clients sign up. The demo has its account.
    ...(command === 'serve' && { DESKBELL_SIGN_UP: 'on' }),
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
  /** Log records, oldest first, and callbacks that wait for one. */
  #lines = [];
  #waiting = new Set();
  /** The base URL: `http://127.0.0.1:34567`. */
  base = '';
  /** Everything that it has printed. */
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
    // `serve` logs its address, `demo` prints the URL of its GraphQL API.
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

  /** The first result of `find` for a log record, past or future. */
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

  /** The link to `page` in the latest mail to an address. Without a relay, mails are in the log. */
  mailedLink(email, page, { after = '' } = {}) {
    return this.logged(({ message, ...line }) => {
      const link =
        line['mail.to'] === email && message.split(/\s/).find((word) => word.startsWith(`${this.base}${page}#`));
      return link !== after && link;
    }, `the mail to ${email} with a link to ${page}`);
  }

  /** Kills it, as a power failure would. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#stopped;
  }

  /**
   * Stops it. Returns complaints: a bad exit status, and all warnings and errors in the log that
   * are not `expected`.
   */
  async stop(expected = []) {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const [code, signal] = await Promise.race([this.#stopped, this.#failed.catch(() => ['a failed start'])]);
    clearTimeout(timer);
    const complaints = this.#lines
      .filter(({ level }) => level === 'ERROR' || level === 'WARN')
      .filter(({ message }) => !expected.some((pattern) => pattern.test(message)))
      .map((line) => `the server logged ${JSON.stringify(line)}`);
    if (code !== 0) {
      complaints.push(`the server stopped with ${signal ?? code}`);
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
