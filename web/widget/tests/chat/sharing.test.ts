import { expect, it } from 'vitest';
import { LOOK_EVERY_MS, shareStreams } from '../../src/chat/sharing';
import type { ChatWorld } from '../../src/chat/world';
import type { Dial, Link, Subscriber } from '../../src/contract';
import type { Reports, Wire } from '../../src/wire';
import { ToyWorld } from '../world';

/** A lock that pages hold one after the other. */
class Lock {
  readonly #waiting: (() => void)[] = [];
  hold(held: () => void): () => void {
    this.#waiting.push(held);
    if (this.#waiting.length === 1) {
      held();
    }
    return () => {
      const wasHolder = this.#waiting[0] === held;
      this.#waiting.splice(this.#waiting.indexOf(held), 1);
      if (wasHolder) {
        this.#waiting[0]?.();
      }
    };
  }
}

/** A page of the site whose connection uses streams. */
class Page {
  readonly open = new Set<Subscriber>();
  readonly told: unknown[] = [];
  readonly world = new ToyWorld();
  readonly identified: (string | null)[] = [];
  reports!: Reports;
  readonly wire: Wire;
  readonly share: () => void;

  constructor(lock: Lock) {
    const streams: Dial['streams'] = (_, reports) => {
      this.reports = reports;
      return {
        subscribe: (subscriber) => this.open.add(subscriber),
        unsubscribe: (subscriber) => this.open.delete(subscriber),
        probe() {},
        close: () => this.open.clear(),
      };
    };
    const dial = { socket: streams, streams };
    const link = {
      token: 'vt_',
      dial,
      identify: (token: string | null) => this.identified.push(token),
    } as unknown as Link;
    const world = { later: this.world.later.bind(this.world), hold: (_: string, held: () => void) => lock.hold(held) };
    this.share = shareStreams(world as unknown as ChatWorld, link, 'https://chat.example/');
    this.wire = dial.streams('vt_', {
      result: (_, result) => this.told.push(result),
      alive() {},
      ended: (code) => this.told.push(`ended ${code}`),
    });
  }
}

const subscriber = (): Subscriber => ({ request: () => '{}', take: () => 'current', alive() {} });

it('one page keeps its streams open, and others look every few seconds', async () => {
  const lock = new Lock();
  const [holder, other] = [new Page(lock), new Page(lock)];
  const [availability, chat] = [subscriber(), subscriber()];
  for (const page of [holder, other]) {
    page.wire.subscribe(availability);
    page.wire.subscribe(chat);
    page.reports.result(availability, 1);
    page.reports.result(chat, 2);
    expect(page.told).toEqual([1, 2]);
  }
  expect([holder.open.size, other.open.size]).toEqual([2, 0]);

  await other.world.pass(LOOK_EVERY_MS + 1);
  expect(other.open.size).toBe(2);
  other.reports.result(chat, 3);
  expect([other.open.size, other.told.at(-1)]).toEqual([1, 3]);
  other.wire.unsubscribe(chat);
  await other.world.pass(LOOK_EVERY_MS + 1);
  expect([...other.open]).toEqual([availability]);

  other.reports.result(availability, 4);
  expect(other.open.size).toBe(0);
  holder.wire.close();
  expect([holder.open.size, other.open.size]).toEqual([0, 1]);
  other.reports.result(availability, 5);
  await other.world.pass(60_000);
  expect([other.open.size, other.told.at(-1), other.world.timers]).toEqual([1, 5, 0]);
});

it('a stream that ends ends for the page, too, and nothing is left', async () => {
  const lock = new Lock();
  const [, other] = [new Page(lock), new Page(lock)];
  const one = subscriber();
  other.wire.subscribe(one);
  other.reports.result(one, 1);
  other.reports.ended(0);
  other.wire.close();
  expect([other.told, other.world.timers]).toEqual([[1, 'ended 0'], 0]);
});

it('streams that were open before are opened again, once', async () => {
  const page = new Page(new Lock());
  page.share();
  await page.world.pass(1);
  // They were opened shared.
  expect(page.identified).toEqual([]);

  const before: (string | null)[] = [];
  const link = { token: 'vt_', dial: { streams: () => {} }, identify: (token: string | null) => before.push(token) };
  const world = { later: page.world.later.bind(page.world), hold: () => () => {} };
  const share = shareStreams(world as unknown as ChatWorld, link as unknown as Link, 'https://chat.example/');
  share();
  share();
  await page.world.pass(1);
  expect(before).toEqual([null, 'vt_']);
  expect(shareStreams(world as unknown as ChatWorld, link as unknown as Link, 'https://chat.example/')).toBe(share);
});
