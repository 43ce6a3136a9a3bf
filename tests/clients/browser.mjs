// A headless Chromium that tells on a page: whatever it logs as an error, whatever its policy blocked, and
// whatever it asks of anybody but the server under test.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { base, check } from './server.mjs';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

const screenshots = process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'deskbell-screenshots-'));
mkdirSync(screenshots, { recursive: true });

export const launch = () => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

/** A new page, as of somebody who was never here, and the list of what is wrong with it so far. */
export async function open(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy')) {
      faults.push(`console: ${message.text().slice(0, 300)}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!['about:', 'data:'].includes(protocol) && origin !== base) {
      faults.push(`request to elsewhere: ${request.url()}`);
    }
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(base).host) {
      faults.push(`socket to elsewhere: ${socket.url()}`);
    }
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      faults.push(`HTTP ${response.status()} for ${response.url()}`);
    }
  });
  await page.exposeFunction('tellFault', (fault) => faults.push(fault));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      globalThis.tellFault(`blocked by ${violatedDirective}: ${blockedURI.slice(0, 100)}`),
    );
  });
  return { page, context, faults };
}

export function checkFaultless(faults) {
  const different = [...new Set(faults)];
  check(different.length === 0, `the page is not well:\n    ${different.slice(0, 20).join('\n    ')}`);
}

/** Waits until the text that `read` gives satisfies `isRight`; fails with the last text otherwise. */
export async function until(read, isRight, what, deadlineMs = 15_000) {
  const end = Date.now() + deadlineMs;
  let text = '';
  while (Date.now() < end) {
    text = await read();
    if (isRight(text)) {
      return text;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come within ${deadlineMs} ms; there is: ${JSON.stringify(text)}`);
}

export async function picture(page, name) {
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path });
  console.log(`  picture ${path}`);
}
