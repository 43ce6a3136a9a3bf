import { describe, expect, it } from 'vitest';
import { connected, streaming, ToyPage } from './page';
import { state } from './world';

/** Random values of the shortest and the longest pauses, and of one in between. */
const CHANCES = [0, 0.5, 0.999999];

/** A connected page whose next pauses all have this random value. */
function connectedWith(chance: number): ReturnType<typeof connected> {
  const page = new ToyPage();
  page.world.random = () => chance;
  const watching = page.watch();
  page.socket.acks();
  page.socket.states(1);
  return Object.assign(page, watching);
}

describe('a quiet WebSocket', () => {
  it('is pinged after 40 s, in bytes that the server recognises without parsing', async () => {
    const page = connected();
    await page.world.pass(39_999);
    expect(page.socket.all('ping')).toHaveLength(0);
    await page.world.pass(1);
    expect(page.socket.texts.slice(2)).toEqual(['{"type":"ping"}']);
  });

  it('is not pinged by all pages at the same time, but after 36 to 44 s', async () => {
    const asked: number[] = [];
    for (const chance of CHANCES) {
      const page = connectedWith(chance);
      while (page.socket.all('ping').length === 0) {
        await page.world.pass(100);
      }
      asked.push(page.world.now());
    }
    expect(asked).toEqual([36_000, 40_000, 44_000]);
  });

  it.each<[string, object]>([
    ['a reply', { type: 'pong' }],
    ['a ping of the server', { type: 'ping' }],
    ['a state', { type: 'next', id: '1', payload: { data: { availability: state(1) } } }],
    ['a late message', { type: 'next', id: '7', payload: {} }],
    ['a message of a later version', { type: 'news' }],
  ])('counts %s as a heartbeat, and is pinged only 36 to 44 s after the last', async (_, message) => {
    for (const chance of CHANCES) {
      const page = connectedWith(chance);
      for (let passed = 0; passed < 350_000; passed += 35_000) {
        await page.world.pass(35_000);
        page.socket.says(message);
      }
      await page.world.pass(35_999);
      expect(page.socket.all('ping')).toHaveLength(0);
      expect(page.shows()).toBe('version 1');
      await page.world.pass(8_001);
      expect(page.socket.all('ping')).toHaveLength(1);
    }
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
    await page.world.pass(50_000);
    expect(page.world.sockets[0]?.isClosed).toBe(true);
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(1);
    expect(page.told).toEqual(['version 1']);
  });
});

describe('a half-open connection, which accepts everything and answers nothing', () => {
  it.each([
    [0, 46_000],
    [0.5, 50_000],
    [0.999999, 54_000],
  ])('is detected within 55 s of the last message (random value %d: %i ms)', async (chance, closedAt) => {
    const page = connectedWith(chance);
    await page.world.pass(20_000);
    page.socket.says({ type: 'next', id: '7', payload: {} });
    const [half] = page.world.sockets;
    await page.world.pass(closedAt - 1);
    expect(half?.isClosed).toBe(false);
    await page.world.pass(1);
    expect(half?.isClosed).toBe(true);
    expect(page.shows()).toBe('version 1');
    // The next connections are half-open as well.
    await page.world.pass(55_000 - closedAt - 1);
    expect(page.shows()).toBe('version 1');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
    expect(half?.all('ping')).toHaveLength(1);
    await page.world.pass(600_000);
    expect(page.told).toEqual(['version 1', 'unknown']);
  });

  it('is detected by then also if it is probed again and again', async () => {
    for (const chance of CHANCES) {
      const page = connectedWith(chance);
      for (let passed = 0; passed < 33_000; passed += 3_000) {
        await page.world.pass(3_000);
        page.feed.wake();
        page.socket.pongs();
      }
      // A ping without an answer is due between 36 and 44 s, and the page becomes visible after it.
      await page.world.pass(45_000);
      page.feed.wake();
      await page.world.pass(3_000);
      page.feed.wake();
      await page.world.pass(2_000);
      expect(page.world.sockets[0]?.isClosed).toBe(true);
      await page.world.pass(4_999);
      expect(page.shows()).toBe('version 1');
      await page.world.pass(1);
      expect(page.shows()).toBe('unknown');
    }
  });

  it('keeps the deadline of a ping when it is probed just before', async () => {
    const page = connectedWith(0.999999);
    await page.world.pass(53_000);
    page.feed.wake();
    await page.world.pass(1_000);
    expect(page.world.sockets[0]?.isClosed).toBe(true);
  });
});

describe('quiet streams', () => {
  it('are kept alive by comments', async () => {
    const page = await streaming();
    for (let passed = 0; passed < 200_000; passed += 20_000) {
      await page.world.pass(20_000);
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
    await page.world.pass(25_000);
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

  it('is shown for 55 s without a heartbeat, and then no more', async () => {
    const page = connected();
    away(page);
    await page.world.pass(54_999);
    expect(page.shows()).toBe('version 1');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
    await page.world.pass(3_600_000);
    expect(page.told).toEqual(['version 1', 'unknown']);
  });

  it('is timed from the last heartbeat', async () => {
    const page = connected();
    await page.world.pass(44_000);
    page.socket.pongs();
    away(page);
    await page.world.pass(54_999);
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
    for (let passed = 0; passed < 60_000; passed += 5_000) {
      await page.world.pass(5_000);
      page.socket.pongs();
    }
    expect(page.told).toEqual(['version 1', 'unknown']);
    expect(other.told).toEqual(['version 7', 'version 8']);
  });

  it('that is stale disappears at once when the page becomes visible', async () => {
    const page = connected();
    page.world.slowed = 'all';
    await page.world.pass(56_000);
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
    await page.world.pass(54_999);
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
      await page.world.pass(55_000);
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
    await page.world.pass(20_000);
    page.feed.wake();
    await page.world.pass(4_999);
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
