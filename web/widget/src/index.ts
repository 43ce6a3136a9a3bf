// widget.js: loaded by <script async src="https://your-server/widget.js" data-key="wk_…"></script>,
// any number of times per page. The first run defines the element and `window.deskbell`. Each run
// adds the element for its <script>. The server is the origin of the script.
//
// Some libraries replace built-ins: `Array.from`, `toJSON`, methods of arrays, strings and
// elements. This code avoids all that are known to be replaced (tests/builtins.test.ts).

import { type Deskbell, pageApi } from './api';
import { keyOf, TAG, widgetElement } from './element';
import { type Feed, feed } from './feed';
import { keep } from './keep';
import { loadChat } from './loadChat';
import { Table } from './table';
import { storedToken, tokenName } from './token';
import { browser } from './world';

declare global {
  interface Window {
    deskbell?: Deskbell;
  }
}

/** Marks an element that the script has added, and the copies that the page makes of it. */
const ADDED = 'data-added';

const script = ownScript();
const server = serverOf(script?.dataset.server || '.', script?.src || location.href);

// Without these, the widget cannot be drawn. Browsers that are too old get no widget, and no error.
if ('adoptedStyleSheets' in document) {
  const isFirst = !customElements.get(TAG);
  if (isFirst) {
    start();
  }
  if (script) {
    whenParsed(() => addElement(script, isFirst));
  }
}

/**
 * The <script> that runs this code. A module or a bundle has no current script; it is found by its
 * key.
 */
function ownScript(): HTMLScriptElement | null {
  const current = document.currentScript as HTMLScriptElement | null;
  return current ?? document.querySelector('script[data-key][src*="widget.js"]');
}

/** The directory of a URL. */
function serverOf(url: string, base: string): string {
  const { origin, pathname } = new URL(url, base);
  return new URL(/\/$/.test(pathname) ? pathname : `${pathname}/`, origin).href;
}

/** Whether an attribute refers to the script's server, in any spelling. */
function isServer(named: string): boolean {
  try {
    return serverOf(named, location.href) === server;
  } catch {
    return false;
  }
}

function start(): void {
  const world = browser();
  const feeds = new Table<string, Feed>();
  const api = pageApi(world, feedOf);

  function feedOf(named: string | null): Feed {
    const base = named ? serverOf(named, location.href) : server;
    let found = feeds.get(base);
    if (!found) {
      // Beside this file, of the same version, or on the server.
      const own = serverOf('.', script?.src || location.href);
      const folders = own === base ? [own] : [own, base];
      found = feed(world, base, storedToken(base), (done) => loadChat(folders, script?.nonce ?? '', done), {
        changed: (key, availability) => dispatch('availability', { key, availability }),
        notFound: (key) => console.warn(`Deskbell: widget key "${key}" not found at ${base}`),
      });
      feeds.set(base, found);
    }
    return found;
  }

  const forEachFeed = (act: (each: Feed) => void) => () => {
    for (const [, each] of feeds.rows) {
      act(each);
    }
  };
  const wake = forEachFeed((each) => each.wake());
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      wake();
    }
  });
  // Other pages of the site share the token.
  addEventListener('storage', ({ key }) => {
    for (const [base, each] of feeds.rows) {
      if (key === null || key === tokenName(base)) {
        each.identify(storedToken(base));
      }
    }
  });
  // A page in the back/forward cache must hold no connection, and shows an old state when it
  // returns.
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
  dispatch('ready', api.deskbell);
}

function dispatch(event: string, detail: unknown): void {
  dispatchEvent(new CustomEvent(`deskbell:${event}`, { detail }));
}

/** Insert nothing while the browser parses the document. */
function whenParsed(run: () => void): void {
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', run, { once: true });
  } else {
    run();
  }
}

/**
 * Adds the element with the script's attributes, unless the page has one for this key, and keeps it
 * in the page.
 */
function addElement(asking: HTMLScriptElement, isFirst: boolean): void {
  const key = keyOf(asking);
  if (!key) {
    return;
  }
  const present = elementsFor(key);
  // The page was saved or prerendered, with everything that its scripts had created.
  const kept = isFirst ? present.copies[0] : undefined;
  const element = kept ?? document.createElement(TAG);
  if (!kept) {
    if (present.hasOwn || present.copies.length > 0) {
      return;
    }
    for (let index = 0; index < asking.attributes.length; index += 1) {
      const { name, value } = asking.attributes[index] as Attr;
      if (/^data-/.test(name)) {
        element.setAttribute(name, value);
      }
    }
    element.setAttribute('data-server', server);
    element.setAttribute(ADDED, '');
    document.body.appendChild(element);
  }
  keep(element, () => putBack(element, key));
}

/**
 * Moves an element that the script has added into another body. Returns false if the page has its
 * own element.
 */
function putBack(element: HTMLElement, key: string): boolean {
  const { hasOwn, copies } = elementsFor(key);
  for (const copy of copies) {
    copy.parentNode?.removeChild(copy);
  }
  if (!hasOwn) {
    document.body.appendChild(element);
  }
  return !hasOwn;
}

/**
 * The elements for a key of this server: whether the page has its own, and the ones that the script
 * has added. Several exist while a page shows a copy of its body: Turbo caches one per page.
 */
function elementsFor(key: string): { hasOwn: boolean; copies: HTMLElement[] } {
  const found = { hasOwn: false, copies: [] as HTMLElement[] };
  for (const other of document.querySelectorAll<HTMLElement>(TAG)) {
    if (keyOf(other) === key && (!other.dataset.server || isServer(other.dataset.server))) {
      if (other.hasAttribute(ADDED)) {
        found.copies.push(other);
      } else {
        found.hasOwn = true;
      }
    }
  }
  return found;
}
