import { describe, expect, it } from 'vitest';
import { connected, streaming, ToyPage } from './page';

describe('a quiet WebSocket', () => {
  it('is pinged after 20 to 25 s', async () => {
    const page = connected();
    await page.world.pass(19_999);
    expect(page.socket.all('ping')).toHaveLength(0);
    await page.world.pass(5_001);
    expect(page.socket.all('ping')).toHaveLength(1);
  });

  it('is not pinged by all pages at the same time', async () => {
    const asked: number[] = [];
    for (const chance of [0, 0.5, 0.999999]) {
      const page = new ToyPage();
      page.world.random = () => chance;
      page.watch();
      page.socket.acks();
      page.socket.states(1);
      while (page.socket.all('ping').length === 0) {
        await page.world.pass(100);
      }
      asked.push(page.world.now());
    }
    expect(asked).toEqual([20_000, 22_500, 25_000]);
  });

  it('that answers is kept for hours', async () => {
    const page = connected();
    for (let passed = 0; passed < 7_200_000; passed += 1_000) {
      await page.world.pass(1_000);
      if (page.socket.sent.at(-1)?.type === 'ping') {
        page.socket.pongs();
      }
    }
    expect(page.told).toEqual(['version 1']);
    expect(page.world.attempts).toHaveLength(1);
  });

  it('that does not answer is closed and replaced before the state is stale', async () => {
    const page = connected();
    await page.world.pass(35_000);
    expect(page.world.sockets[0]?.isClosed).toBe(true);
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(1);
    expect(page.told).toEqual(['version 1']);
  });

  it('counts any message as a heartbeat', async () => {
    const page = connected();
    for (let version = 2; version < 12; version += 1) {
      await page.world.pass(15_000);
      page.socket.states(version);
    }
    expect(page.socket.all('ping')).toHaveLength(0);
    expect(page.shows()).toBe('version 11');
  });
});

describe('quiet streams', () => {
  it('are kept alive by comments', async () => {
    const page = await streaming();
    for (let passed = 0; passed < 100_000; passed += 12_000) {
      await page.world.pass(12_000);
      await page.stream.comments();
    }
    expect(page.told).toEqual(['version 1']);
    expect(page.world.attempts).toHaveLength(2);
  });

  it('are closed without comments', async () => {
    const page = await streaming();
    await page.world.pass(30_000);
    expect(page.world.streams[0]?.isAborted).toBe(true);
    expect(page.shows()).toBe('version 1');
  });

  it('confirm only their own key', async () => {
    const page = await streaming();
    page.watch('wk_2');
    const [one, other] = page.world.streams;
    other?.answers();
    await other?.states(7);
    await page.world.pass(20_000);
    await one?.comments();
    await page.world.pass(10_000);
    expect([one?.isAborted, other?.isAborted]).toEqual([true, true]);
    await page.world.pass(15_000);
    expect([page.shows('wk_1'), page.shows('wk_2')]).toEqual(['version 1', 'unknown']);
  });

  it('are closed if they never start', async () => {
    const page = await streaming();
    page.watch('wk_2');
    const [one, other] = page.world.streams;
    await page.world.pass(20_000);
    await one?.comments();
    expect(other?.isAborted).toBe(false);
    await page.world.pass(10_000);
    expect(other?.isAborted).toBe(true);
  });
});

describe('a state', () => {
  /** Blocks the network for all connections. */
  const away = (page: ToyPage): void => page.socket.closes();

  it('is shown for 45 s without a heartbeat, and then no more', async () => {
    const page = connected();
    away(page);
    await page.world.pass(44_999);
    expect(page.shows()).toBe('version 1');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
    await page.world.pass(3_600_000);
    expect(page.told).toEqual(['version 1', 'unknown']);
  });

  it('is timed from the last heartbeat', async () => {
    const page = connected();
    await page.world.pass(25_000);
    page.socket.pongs();
    away(page);
    await page.world.pass(44_999);
    expect(page.shows()).toBe('version 1');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
  });

  it('returns with the connection, even if it is unchanged', async () => {
    const page = connected();
    away(page);
    await page.world.pass(60_000);
    page.feed.wake();
    while (page.socket.isClosed) {
      page.world.streams.at(-1)?.breaks();
      await page.world.pass(100);
    }
    page.socket.acks();
    page.socket.states(1);
    expect(page.told).toEqual(['version 1', 'unknown', 'version 1']);
    expect(page.announced).toEqual(['wk_1 1', 'wk_1 unknown', 'wk_1 1']);
  });

  it('is not confirmed by a connection that has not delivered it', async () => {
    const page = connected();
    const other = page.watch('wk_2');
    page.socket.states(7, {}, 'wk_2');
    page.socket.closes();
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(8, {}, 'wk_2');
    for (let passed = 0; passed < 50_000; passed += 5_000) {
      await page.world.pass(5_000);
      page.socket.pongs();
    }
    expect(page.told).toEqual(['version 1', 'unknown']);
    expect(other.told).toEqual(['version 7', 'version 8']);
  });

  it('that is stale disappears at once when the page becomes visible', async () => {
    const page = connected();
    page.world.slowed = 'all';
    await page.world.pass(46_000);
    expect(page.shows()).toBe('version 1');
    page.feed.wake();
    expect(page.shows()).toBe('unknown');
    // The connection may be alive.
    page.socket.pongs();
    expect(page.told).toEqual(['version 1', 'unknown', 'version 1']);
  });
});

describe('a hidden tab', () => {
  it('with chains of timers once a minute detects a dead connection like any other tab', async () => {
    const page = connected();
    page.world.slowed = 'chains';
    await page.world.pass(3_000);
    page.socket.states(2);
    await page.world.pass(44_999);
    expect(page.shows()).toBe('version 2');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
  });

  it('keeps a live connection, and never probes it', async () => {
    const page = connected();
    page.world.slowed = 'chains';
    for (let passed = 0; passed < 7_200_000; passed += 100) {
      await page.world.pass(100);
      if (page.socket.sent.at(-1)?.type === 'ping') {
        page.socket.sent.pop();
        page.socket.pongs();
      }
    }
    expect(page.told).toEqual(['version 1']);
    expect(page.world.attempts).toHaveLength(1);
  });

  it('with all timers once a minute still shows nothing stale when it becomes visible', async () => {
    for (let beganAt = 0; beganAt < 60_000; beganAt += 7_000) {
      const page = new ToyPage();
      await page.world.pass(beganAt);
      page.watch();
      page.socket.acks();
      page.socket.states(1);
      page.world.slowed = 'all';
      // From here on, nothing is answered, and no close is reported.
      await page.world.pass(45_000);
      page.feed.wake();
      expect(page.shows()).toBe('unknown');
    }
  });
});

describe('a machine that has slept', () => {
  it('shows no stale state for more than 15 s, and detects the dead connection at once', async () => {
    const page = connected();
    page.world.sleep(28_800_000);
    await page.world.pass(15_000);
    expect(page.shows()).toBe('unknown');
    expect(page.socket.all('ping')).toHaveLength(1);
    await page.world.pass(7_000);
    expect(page.world.sockets.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    page.socket.acks();
    page.socket.states(8);
    expect(page.told).toEqual(['version 1', 'unknown', 'version 8']);
  });

  it('shows no stale state once it has a network', async () => {
    const page = connected();
    page.world.sleep(28_800_000);
    page.feed.wake();
    expect(page.shows()).toBe('unknown');
  });

  it('probes once, however often the page becomes visible', async () => {
    const page = connected();
    await page.world.pass(10_000);
    for (let passed = 0; passed < 5_000; passed += 500) {
      page.feed.wake();
      await page.world.pass(500);
    }
    expect(page.world.sockets[0]?.all('ping')).toHaveLength(1);
    expect(page.world.sockets[0]?.isClosed).toBe(true);
  });

  it('probes again the next time', async () => {
    const page = connected();
    for (let time = 1; time <= 3; time += 1) {
      page.feed.wake();
      expect(page.socket.all('ping')).toHaveLength(time);
      page.socket.pongs();
    }
  });

  it('keeps a stream with recent data, and closes one without', async () => {
    const page = await streaming();
    await page.world.pass(14_000);
    page.feed.wake();
    await page.world.pass(999);
    expect(page.stream.isAborted).toBe(false);
    await page.world.pass(1);
    expect(page.stream.isAborted).toBe(true);
  });
});

describe('a page in the back/forward cache', () => {
  it('has no connection and only the timer of the state’s age, and connects at once when it returns', async () => {
    const page = connected();
    page.feed.suspend();
    expect(page.isConnected).toBe(false);
    page.world.sleep(10_000);
    page.feed.resume();
    expect(page.shows()).toBe('version 1');
    expect(page.world.attempts).toHaveLength(2);
    page.socket.acks();
    page.socket.states(1);
    page.socket.states(2);
    expect(page.told).toEqual(['version 1', 'version 2']);
  });

  it('shows nothing stale when it returns late', () => {
    const page = connected();
    page.feed.suspend();
    page.world.sleep(600_000);
    page.feed.resume();
    expect(page.shows()).toBe('unknown');
  });

  it('ignores messages that arrive while it is suspended', async () => {
    const page = await streaming();
    const arriving = page.stream.states(2);
    page.feed.suspend();
    await arriving;
    await page.world.pass(600_000);
    expect(page.told).toEqual(['version 1', 'unknown']);
    expect(page.world.attempts).toHaveLength(2);
    expect(page.world.timers).toBe(0);
  });

  it('is not woken by anything else', async () => {
    const page = connected();
    page.feed.suspend();
    page.feed.wake();
    page.watch('wk_2');
    await page.world.pass(600_000);
    expect(page.world.attempts).toHaveLength(1);
    page.feed.resume();
    page.socket.acks();
    expect(page.socket.all('subscribe')).toHaveLength(2);
  });

  it('opens nothing for a new listener', () => {
    const page = new ToyPage();
    page.feed.suspend();
    page.watch();
    expect(page.world.attempts).toHaveLength(0);
    page.feed.resume();
    expect(page.world.attempts).toHaveLength(1);
  });

  it('that was only shown does not connect twice', () => {
    const page = connected();
    page.feed.resume();
    expect(page.world.attempts).toHaveLength(1);
  });
});
