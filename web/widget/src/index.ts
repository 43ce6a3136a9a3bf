// widget.js: run by <script async src="https://your-server/widget.js" data-key="wk_…"></script>, any number of times a
// page. The first run makes the element and `window.deskbell`; each run adds the element that its own <script> asks
// for. The server is where the script came from.

import { type Deskbell, pageApi } from './api';
import { keyOf, TAG, widgetElement } from './element';
import { type Feed, feed } from './feed';
import { browser } from './world';

declare global {
  interface Window {
    deskbell?: Deskbell;
  }
}

const script = ownScript();
const server = serverOf(script?.dataset.server || '.', script?.src || location.href);

// Without them nothing could be drawn; a browser as old as that is spared the error.
if ('adoptedStyleSheets' in document) {
  if (!customElements.get(TAG)) {
    start();
  }
  if (script) {
    whenParsed(() => addElement(script));
  }
}

/** The element running this; a module or a bundler's chunk has none, and is found by its key. */
function ownScript(): HTMLScriptElement | null {
  const current = document.currentScript;
  return current instanceof HTMLScriptElement ? current : document.querySelector('script[data-key][src*="widget.js"]');
}

/** The folder that a URL stands in, or that it names. */
function serverOf(url: string, base: string): string {
  const { origin, pathname } = new URL(url, base);
  return new URL(pathname.endsWith('/') ? pathname : `${pathname}/`, origin).href;
}

/** Whether an element's attribute names the script's server, however it is written. */
function isServer(named: string): boolean {
  try {
    return serverOf(named, location.href) === server;
  } catch {
    return false;
  }
}

function start(): void {
  const world = browser();
  const feeds = new Map<string, Feed>();
  const api = pageApi(world, feedOf);

  function feedOf(named: string | null): Feed {
    const base = named ? serverOf(named, location.href) : server;
    let found = feeds.get(base);
    if (!found) {
      found = feed(world, base, {
        changed: (key, availability) => tell('availability', { key, availability }),
        notFound: (key) => console.warn(`Deskbell: ${base} knows no widget key "${key}". Nothing is shown.`),
      });
      feeds.set(base, found);
    }
    return found;
  }

  const forEachFeed = (act: (each: Feed) => void) => () => feeds.forEach(act);
  const wake = forEachFeed((each) => each.wake());
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      wake();
    }
  });
  // A page in the back/forward cache must not hold a connection, and shows an old state when it comes back.
  addEventListener(
    'pagehide',
    forEachFeed((each) => each.suspend()),
  );
  addEventListener(
    'pageshow',
    forEachFeed((each) => each.resume()),
  );

  if (script && keyOf(script)) {
    api.introduce(keyOf(script), server);
  }
  window.deskbell = api.deskbell;
  customElements.define(TAG, widgetElement({ feed: feedOf, introduce: api.introduce }));
  tell('ready', api.deskbell);
}

function tell(event: string, detail: unknown): void {
  dispatchEvent(new CustomEvent(`deskbell:${event}`, { detail }));
}

/** Nothing is put between what the browser still reads. */
function whenParsed(run: () => void): void {
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', run, { once: true });
  } else {
    run();
  }
}

/** Adds the element with the script's attributes, unless the page has one for this key. */
function addElement(asking: HTMLScriptElement): void {
  const key = keyOf(asking);
  const others = [...document.querySelectorAll<HTMLElement>(TAG)].filter((other) => keyOf(other) === key);
  if (!key || others.some(({ dataset }) => !dataset.server || isServer(dataset.server))) {
    return;
  }
  const element = document.createElement(TAG);
  Object.assign(element.dataset, asking.dataset, { server });
  document.body.append(element);
}
