import { describe, expect, it } from 'vitest';
import { connected, streaming, type ToyPage } from './page';

/** Milliseconds until the next attempt. */
async function nextAttempt({ world }: ToyPage): Promise<number> {
  const [before, now] = [world.attempts.length, world.now()];
  await world.pass(30_000);
  return Number(world.attempts[before]) - now;
}

/** The pauses between attempts that fail at once, with a fixed random value. */
async function pauses(chance: number, count: number): Promise<number[]> {
  const page = connected();
  page.world.random = () => chance;
  await page.world.pass(11_000);
  page.socket.pongs();
  const { attempts } = page.world;
  const found: number[] = [];
  page.socket.closes();
  while (found.length < count) {
    const [before, now] = [attempts.length, page.world.now()];
    while (attempts.length === before) {
      await page.world.pass(10);
    }
    found.push(Number(attempts[before]) - now);
    if (page.world.streams.length + page.world.sockets.length === attempts.length) {
      const newest = page.world.streams.at(-1);
      if (newest && !newest.isAborted) {
        newest.breaks();
      } else {
        page.socket.closes();
      }
      await page.world.pass(0);
    }
  }
  return found;
}

describe('pauses', () => {
  it('grow from half a second to half a minute', async () => {
    const longest = await pauses(0.999999, 9);
    expect(longest.map((ms) => Math.round(ms / 10) * 10)).toEqual([
      2_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('are at least half a second', async () => {
    expect(await pauses(0, 6)).toEqual([500, 500, 500, 500, 500, 500]);
  });

  it('are spread randomly, so that not all pages reconnect at once', async () => {
    const drawn = await Promise.all([0, 0.25, 0.5, 0.75].map(async (chance) => (await pauses(chance, 6))[5]));
    expect(drawn).toEqual([500, 7_875, 15_250, 22_625]);
  });

  it('are reset after a connection that lasted', async () => {
    const page = connected();
    page.world.random = () => 0.999999;
    for (let failure = 0; failure < 6; failure += 1) {
      page.socket.closes();
      page.world.streams.at(-1)?.breaks();
      await page.world.pass(30_000);
    }
    while (page.socket.isClosed) {
      page.world.streams.at(-1)?.breaks();
      await page.world.pass(1_000);
    }
    page.socket.acks();
    page.socket.states(5);
    await page.world.pass(10_000);
    page.socket.closes();
    expect(await nextAttempt(page)).toBeLessThanOrEqual(2_000);
  });

  it('keep growing while connections break at once', async () => {
    const page = connected();
    page.world.random = () => 0.999999;
    const found: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      page.socket.closes(1006);
      const before = page.world.now();
      const count = page.world.sockets.length;
      while (page.world.sockets.length === count) {
        await page.world.pass(10);
      }
      found.push(page.world.now() - before);
      page.socket.acks();
      page.socket.states(round + 2);
    }
    expect(found).toEqual([2_000, 4_000, 8_000, 16_000, 30_000]);
  });

  it('are skipped when the network or the visitor is back', async () => {
    const page = connected();
    page.socket.closes();
    page.feed.wake();
    page.feed.wake();
    expect(page.world.attempts).toHaveLength(2);
    page.socket.acks();
    page.socket.states(2);
    expect(page.told).toEqual(['version 1', 'version 2']);
    await page.world.pass(3_000);
    expect(page.world.attempts).toHaveLength(2);
  });

  it('are reset then: the network may take a moment to be usable', async () => {
    const page = connected();
    page.world.random = () => 0.999999;
    const fail = async (): Promise<void> => {
      page.socket.closes();
      page.world.streams.at(-1)?.breaks();
      await page.world.pass(0);
    };
    await fail();
    for (let failure = 0; failure < 6; failure += 1) {
      await page.world.pass(30_000);
      await fail();
    }
    page.feed.wake();
    await fail();
    expect(await nextAttempt(page)).toBeLessThanOrEqual(2_000);
    // That attempt is in flight.
    page.feed.wake();
    await fail();
    expect(await nextAttempt(page)).toBeLessThanOrEqual(2_000);
  });
});

describe('after a lost connection', () => {
  it('keys are subscribed again, and an equal state is not announced', async () => {
    const page = connected(4);
    const other = page.watch('wk_2');
    page.socket.states(9, {}, 'wk_2');
    page.socket.closes(1001);
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(4);
    page.socket.states(10, {}, 'wk_2');
    expect(page.told).toEqual(['version 4']);
    expect(other.told).toEqual(['version 9', 'version 10']);
  });

  it('the state is kept while reconnecting', async () => {
    const page = connected();
    page.socket.closes();
    await page.world.pass(5_000);
    expect(page.shows()).toBe('version 1');
  });

  it('a server that completes a subscription is treated as gone', async () => {
    const page = connected();
    page.socket.says({ type: 'complete', id: page.socket.idOf('wk_1') });
    expect(page.socket.isClosed).toBe(true);
    await page.world.pass(2_000);
    expect(page.world.sockets).toHaveLength(2);
  });

  it('an error of the server is retried with backoff', async () => {
    const page = connected();
    const broken = [{ message: 'Something went wrong', extensions: { code: 'INTERNAL_SERVER_ERROR' } }];
    page.socket.says({ id: page.socket.idOf('wk_1'), type: 'error', payload: broken });
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(2);
    expect(page.told).toEqual(['version 1', 'version 2']);
    expect(page.warnings).toEqual([]);
  });
});

describe('versions', () => {
  it('never decrease on one connection', () => {
    const page = connected(5);
    page.socket.states(4);
    page.socket.states(5, { isAvailable: false, operators: [] });
    page.socket.states(6);
    expect(page.told).toEqual(['version 5', 'version 6']);
  });

  it('may decrease with a new connection: a database was restored', async () => {
    const page = connected(5);
    page.socket.closes();
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(3);
    page.socket.states(4);
    expect(page.told).toEqual(['version 5', 'version 3', 'version 4']);
  });

  it('may have another state under the same number then', async () => {
    const page = connected(5);
    page.socket.closes();
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(5, { isAvailable: false, operators: [] });
    expect(page.feed.known('wk_1')?.availability?.isAvailable).toBe(false);
  });
});

describe('a WebSocket closed for a client fault or an ended session', () => {
  it.each([4400, 4401, 4403, 4406, 4409, 4429])('is never reopened after %i', async (code) => {
    const page = connected();
    page.socket.closes(code);
    for (let round = 0; round < 20; round += 1) {
      await page.world.pass(30_000);
      page.world.streams.at(-1)?.breaks();
    }
    expect(page.world.sockets).toHaveLength(1);
    expect(page.world.streams.length).toBeGreaterThan(5);
  });

  it('is replaced by anonymous streams', async () => {
    const page = connected();
    page.socket.closes(4403);
    await page.world.pass(2_000);
    page.stream.answers();
    await page.stream.states(2);
    for (let passed = 0; passed < 900_000; passed += 20_000) {
      await page.stream.comments();
      await page.world.pass(20_000);
    }
    expect(page.told).toEqual(['version 1', 'version 2']);
    expect(page.world.attempts).toHaveLength(2);
  });

  it('is not tried while streams are open either', async () => {
    const page = await streaming();
    const { stream } = page;
    for (let passed = 0; passed < 1_200_000; passed += 20_000) {
      await stream.comments();
      await page.world.pass(20_000);
      if (page.world.sockets.length === 2 && !page.socket.isClosed) {
        page.socket.acks();
        page.socket.closes(4403);
      }
    }
    expect(page.world.sockets).toHaveLength(2);
    expect(stream.isAborted).toBe(false);
  });

  it.each([1000, 1001, 1006, 1011, 1013, 4408, 4500])('is reopened after %i', async (code) => {
    const page = connected();
    page.socket.closes(code);
    await page.world.pass(2_000);
    expect(page.world.sockets).toHaveLength(2);
  });
});
