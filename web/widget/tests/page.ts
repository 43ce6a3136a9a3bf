// A page with a fake browser and server that subscribes to keys, and records what it receives.

import type { ChatScript } from '../src/contract';
import { type Feed, feed } from '../src/feed';
import type { Known } from '../src/keyState';
import { KEY, SERVER, type ToySocket, type ToyStream, ToyWorld } from './world';

export class ToyPage {
  readonly world = new ToyWorld();
  readonly warnings: string[] = [];
  readonly announced: string[] = [];
  /** The attempts to load `chat.js`. */
  readonly loads: ((script: ChatScript | null) => void)[] = [];
  readonly feed: Feed;

  /** `token`: of the visitor. */
  constructor(token: string | null = null) {
    this.feed = feed(this.world, SERVER, token, (done) => this.loads.push(done), {
      changed: (key, availability) => this.announced.push(`${key} ${availability?.version ?? 'unknown'}`),
      notFound: (key) => this.warnings.push(key),
    });
  }

  /** Subscribes to a key. `told` has the received versions. */
  watch(key = KEY): { told: string[]; stop: () => void } {
    const told: string[] = [];
    const stop = this.feed.watch(key, (known) => told.push(word(known)));
    return { told, stop };
  }

  shows(key = KEY): string {
    const known = this.feed.known(key);
    return known ? word(known) : 'not watched';
  }

  get socket(): ToySocket {
    return this.world.sockets.at(-1) ?? missing('socket');
  }

  get stream(): ToyStream {
    return this.world.streams.at(-1) ?? missing('stream');
  }

  get isConnected(): boolean {
    return (
      this.world.sockets.some(({ isClosed }) => !isClosed) || this.world.streams.some(({ isAborted }) => !isAborted)
    );
  }
}

/** A page whose WebSocket has delivered the first state. */
export function connected(version = 1): ToyPage & { told: string[]; stop: () => void } {
  const page = new ToyPage();
  const watching = page.watch();
  page.socket.acks();
  page.socket.states(version);
  return Object.assign(page, watching);
}

/** A page with event streams, because its WebSocket failed. */
export async function streaming(version = 1): Promise<ToyPage & { told: string[]; stop: () => void }> {
  const page = new ToyPage();
  const watching = page.watch();
  page.socket.closes();
  await page.world.pass(2_000);
  page.stream.answers();
  await page.stream.states(version);
  return Object.assign(page, watching);
}

function word({ availability, isFound }: Known): string {
  if (!isFound) {
    return 'not found';
  }
  return availability ? `version ${availability.version}` : 'unknown';
}

function missing(what: string): never {
  throw new Error(`no ${what} was opened`);
}
