// A headless Chromium that reports faults of its pages: console errors and warnings, policy
// violations, requests to other origins, and HTTP errors.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { within } from '../../clients/check.mjs';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const DEADLINE_MS = 15_000;

export const launch = () => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

/** Starts a browser with one window, which has only its default context. */
async function launchWindow() {
  const profile = mkdtempSync(join(tmpdir(), 'deskbell-profile-'));
  const flags = ['--headless', ...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(EXECUTABLE, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const address = new Promise((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => resolveAddress(line, resolve));
  });
  const browser = await chromium.connectOverCDP(await within(address, 'the browser', DEADLINE_MS), {
    noDefaults: true,
  });
  const close = async () => {
    const session = await browser.newBrowserCDPSession();
    await session.send('Browser.close');
    await gone;
    process.off('exit', kill);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  return { context: browser.contexts()[0], close };
}

function resolveAddress(line, resolve) {
  const [, address] = /^DevTools listening on (\S+)/.exec(line) ?? [];
  if (address) {
    resolve(address);
  }
}

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 360, height: 740 };

/** A fresh browser context, and the faults of its pages so far. */
export class Visit {
  #faults = [];
  #forgiven = [];
  #origins;
  /** The URLs of all WebSockets that its pages have opened. */
  sockets = [];

  /** Its pages may send requests only to `origins`. `close` ends them. */
  constructor(context, origins, close = () => context.close()) {
    this.context = context;
    this.close = close;
    this.#origins = new Set(origins);
    context.setDefaultTimeout(DEADLINE_MS);
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) || message.text().includes('Content Security Policy')) {
        this.#tell(`console: ${message.text().slice(0, 300)} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => this.#tell(`exception: ${error.error()?.stack ?? error.error()}`));
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (!['about:', 'data:', 'blob:'].includes(protocol)) {
        this.#look(origin, `request to elsewhere: ${request.url()}`);
      }
    });
    context.on('response', (response) => {
      if (response.status() >= 400) {
        this.#tell(`HTTP ${response.status()} for ${response.url()}`);
      }
    });
    context.on('page', (page) => {
      // The browser intercepts file choosers only some time after a listener is added. Without this
      // listener, a story that adds one just before a key press would miss the file chooser.
      page.on('filechooser', () => {});
      page.on('websocket', (socket) => {
        this.sockets.push(socket.url());
        this.#look(new URL(socket.url().replace(/^ws/, 'http')).origin, `socket to elsewhere: ${socket.url()}`);
      });
    });
  }

  static async begin(browser, { origins, dark = false, narrow = false, locale = 'en-GB', ...options }) {
    const context = await browser.newContext({
      locale,
      timezoneId: 'Europe/Prague',
      colorScheme: dark ? 'dark' : 'light',
      viewport: narrow ? NARROW : WIDE,
      reducedMotion: 'reduce',
      ...options,
    });
    const visit = new Visit(context, origins);
    await context.exposeFunction('tellFault', (fault) => visit.#tell(fault));
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        globalThis.tellFault(`blocked by ${violatedDirective}: ${blockedURI.slice(0, 100)}`),
      );
    });
    visit.page = await context.newPage();
    return visit;
  }

  /**
   * A visit in a separate browser with a window, where a tab behind another is hidden. In other
   * visits, all pages count as visible, and the browser does not freeze visible pages.
   */
  static async inWindow({ origins }) {
    const { context, close } = await launchWindow();
    const visit = new Visit(context, origins, close);
    visit.page = await context.newPage();
    return visit;
  }

  /** Faults that a story causes on purpose. */
  forgive(...patterns) {
    this.#forgiven.push(...patterns);
  }

  /** All faults that were not caused on purpose. */
  get faults() {
    return [...new Set(this.#faults)].filter((fault) => !this.#forgiven.some((pattern) => pattern.test(fault)));
  }

  #look(origin, fault) {
    if (!this.#origins.has(origin)) {
      this.#tell(fault);
    }
  }

  #tell(fault) {
    this.#faults.push(fault);
  }
}
