// The environment of a story: servers, browsers and websites, which end with the story, and
// pictures, which are kept.
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
    /** The folder of its database. */
    this.folder = folder;
    this.screenshots = screenshots;
  }

  get steps() {
    return this.#steps;
  }

  /** Records a completed step. */
  step(text) {
    this.#steps.push(text);
  }

  /** Opens a new browser context for pages of the server and of `websites`. */
  async visit({ deskbell = this.deskbell, websites = [], ...options } = {}) {
    const origins = [deskbell.base, ...websites.map(({ base }) => base)];
    const visit = await Visit.begin(this.browser, { origins, baseURL: deskbell.base, ...options });
    this.#visits.push(visit);
    return visit;
  }

  /** Opens a window in a separate browser, with tabs that can be hidden and frozen. */
  async window({ deskbell = this.deskbell, websites = [] } = {}) {
    const visit = await Visit.inWindow({ origins: [deskbell.base, ...websites.map(({ base }) => base)] });
    this.#visits.push(visit);
    return visit;
  }

  /** Opens a third-party website at another origin. */
  async website() {
    const website = await Website.open();
    this.#websites.push(website);
    return website;
  }

  /** Starts a server for this story. `expected` matches warnings that it may log. */
  async server({ folder = this.#newFolder(), expected = [], ...options } = {}) {
    const deskbell = await start(this.binary, folder, options);
    this.#servers.push({ deskbell, expected });
    return Object.assign(deskbell, { folder });
  }

  /** Kills a server, as a power failure would. */
  async kill(server) {
    this.#servers = this.#servers.filter(({ deskbell }) => deskbell !== server);
    await server.kill();
  }

  async picture(page, name, options = {}) {
    await page.screenshot({ path: join(this.screenshots, `${name}.png`), animations: 'disabled', ...options });
  }

  /** Takes pictures of all open pages, to find out why a story failed. */
  async pictureAll(name) {
    const pages = this.#visits.flatMap(({ context }) => context.pages());
    for (const [index, page] of pages.entries()) {
      await this.picture(page, `failed-${name}-${index}`, { timeout: 5_000 }).catch(() => {});
    }
    return pages.map((page) => page.url());
  }

  /** Fails if any page had a fault. */
  checkFaults() {
    const faults = this.#visits.flatMap((visit) => visit.faults);
    check(faults.length === 0, `pages had faults:\n    ${faults.slice(0, 20).join('\n    ')}`);
  }

  async end() {
    await Promise.all(this.#visits.map((visit) => visit.close()));
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
