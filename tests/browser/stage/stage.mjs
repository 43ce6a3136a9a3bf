// What a story stands on: servers, browsers and websites that are gone when it is over, and pictures that stay.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from '../../clients/check.mjs';
import { start } from '../../clients/deskbell.mjs';
import { Visit } from './browser.mjs';
import { Website } from './website.mjs';

export class Stage {
  #visits = [];
  #websites = [];
  #servers = [];
  #folders = [];
  #steps = [];

  constructor({ binary, browser, deskbell, folder, screenshots }) {
    this.binary = binary;
    this.browser = browser;
    /** The server that stories share. */
    this.deskbell = deskbell;
    /** Where its database is. */
    this.folder = folder;
    this.screenshots = screenshots;
  }

  get steps() {
    return this.#steps;
  }

  /** Something that was to be shown, and was. */
  step(text) {
    this.#steps.push(text);
  }

  /** Somebody with a browser of their own, who visits pages of the server and of `websites`. */
  async somebody({ deskbell = this.deskbell, websites = [], ...options } = {}) {
    const origins = [deskbell.base, ...websites.map(({ base }) => base)];
    const visit = await Visit.begin(this.browser, { origins, baseURL: deskbell.base, ...options });
    this.#visits.push(visit);
    return visit;
  }

  /** A website of somebody else, at an origin of its own. */
  async website() {
    const website = await Website.open();
    this.#websites.push(website);
    return website;
  }

  /** A server for this story alone. What it may log as a warning is `expected`. */
  async server({ folder = this.#newFolder(), expected = [], ...options } = {}) {
    const deskbell = await start(this.binary, folder, options);
    this.#servers.push({ deskbell, expected });
    return Object.assign(deskbell, { folder });
  }

  /** Ends a server as a loss of power would. */
  async kill(server) {
    this.#servers = this.#servers.filter(({ deskbell }) => deskbell !== server);
    await server.kill();
  }

  async picture(page, name, options = {}) {
    await page.screenshot({ path: join(this.screenshots, `${name}.png`), animations: 'disabled', ...options });
  }

  /** Pictures of whatever is open, for whoever finds out why a story failed. */
  async pictureAll(name) {
    const pages = this.#visits.flatMap(({ context }) => context.pages());
    for (const [index, page] of pages.entries()) {
      await this.picture(page, `failed-${name}-${index}`, { timeout: 5_000 }).catch(() => {});
    }
    return pages.map((page) => page.url());
  }

  /** Looks whether any page was unwell meanwhile. */
  checkFaults() {
    const faults = this.#visits.flatMap((visit) => visit.faults);
    check(faults.length === 0, `pages were not well:\n    ${faults.slice(0, 20).join('\n    ')}`);
  }

  async end() {
    await Promise.all(this.#visits.map(({ context }) => context.close()));
    await Promise.all(this.#websites.map((website) => website.close()));
    const complaints = await Promise.all(this.#servers.map(({ deskbell, expected }) => deskbell.stop(expected)));
    for (const folder of this.#folders) {
      rmSync(folder, { recursive: true, force: true });
    }
    return complaints.flat();
  }

  #newFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'deskbell-story-'));
    this.#folders.push(folder);
    return folder;
  }
}
