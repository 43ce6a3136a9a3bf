// The parts of a browser that tests of the chat replace.

import { parse } from '../availability';
import { browser, type Cancel, type World } from '../world';

export interface ChatWorld extends Pick<World, 'now' | 'later' | 'random' | 'fetch'> {
  /** Milliseconds since 1970. */
  date(): number;
  /** This many random bytes. */
  bytes(count: number): Uint8Array;
  /** The value that is stored under a name. Undefined: the storage cannot be read. */
  stored(name: string): string | null | undefined;
  /** Stores a value, or removes it if null. Returns whether it could. */
  store(name: string, value: string | null): boolean;
  /** The names of everything that is stored. */
  names(): string[];
  /** Calls with each name whose value another page of the site has changed; null: all. */
  watchStore(changed: (name: string | null) => void): Cancel;
  /**
   * Runs `act` while no other page of the site runs one of the same name, as far as the browser
   * knows.
   */
  locked(name: string, act: () => Promise<void>): Promise<void>;
  /**
   * Calls `held` once no other page of the site holds this name. Until it is cancelled, no other
   * page does. Browsers without locks hold it at once.
   */
  hold(name: string, held: () => void): Cancel;
  /** Reports an error to the page's developers, like an uncaught exception. */
  report(error: unknown): void;
  /** What the visitor looks at. */
  page(): { url: string; title: string; referrer: string };
}

/** A page that does not get its turn within this time goes on: sends can be repeated. */
const TURN_MS = 10_000;

export function chatBrowser(): ChatWorld {
  const world = browser();
  return {
    now: world.now,
    later: world.later,
    random: world.random,
    fetch: world.fetch,
    date: Date.now,
    report: world.report,
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    stored(name) {
      try {
        return localStorage.getItem(name);
      } catch {
        return undefined;
      }
    },
    store(name, value) {
      try {
        if (value === null) {
          localStorage.removeItem(name);
        } else {
          localStorage.setItem(name, value);
        }
        return localStorage.getItem(name) === value;
      } catch {
        // Forbidden, or full.
        return false;
      }
    },
    names() {
      const names: string[] = [];
      try {
        for (let index = 0; index < localStorage.length; index += 1) {
          names.push(localStorage.key(index) ?? '');
        }
      } catch {
        // Forbidden.
      }
      return names;
    },
    watchStore(changed) {
      const listen = ({ key }: StorageEvent): void => changed(key);
      addEventListener('storage', listen);
      return () => removeEventListener('storage', listen);
    },
    async locked(name, act) {
      // Only pages with a secure origin have locks.
      const { locks } = navigator;
      let isRunning = false;
      const abort = new AbortController();
      const stop = world.later(TURN_MS, () => abort.abort());
      try {
        if (locks) {
          await locks.request(name, { signal: abort.signal }, () => {
            isRunning = true;
            stop();
            return act();
          });
          return;
        }
      } catch (error) {
        if (isRunning) {
          throw error;
        }
        // An opaque origin, or another page holds the lock for too long.
      } finally {
        stop();
      }
      await act();
    },
    hold(name, held) {
      const abort = new AbortController();
      let release = (): void => abort.abort();
      // A page may have replaced `Promise`, but not what async functions return.
      const NativePromise = (async () => {})().constructor as PromiseConstructor;
      const keep = (): Promise<void> =>
        new NativePromise((resolve) => {
          release = resolve;
          held();
        });
      void (async () => {
        try {
          await (navigator.locks ? navigator.locks.request(name, { signal: abort.signal }, keep) : keep());
        } catch {
          if (!abort.signal.aborted) {
            // An opaque origin.
            void keep();
          }
        }
      })();
      return () => release();
    },
    page: () => ({ url: location.href, title: document.title, referrer: document.referrer }),
  };
}

/** Parses stored JSON; undefined if it is none. */
export const parsed = parse;
