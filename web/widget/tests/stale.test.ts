import { describe, expect, it } from 'vitest';
import { connected, streaming, ToyPage } from './page';

describe('a quiet WebSocket', () => {
  it('is asked for a sign of life after 20 to 25 s', async () => {
    const page = connected();
    await page.world.pass(19_999);
    expect(page.socket.all('ping')).toHaveLength(0);
    await page.world.pass(5_001);
    expect(page.socket.all('ping')).toHaveLength(1);
  });

  it('is not asked at the same moment by all pages', async () => {
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

  it('that answers is kept, for hours', async () => {
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

  it('that does not answer is given up, and another opened, before the state is too old', async () => {
    const page = connected();
    await page.world.pass(35_000);
    expect(page.world.sockets[0]?.isClosed).toBe(true);
    await page.world.pass(2_000);
    page.socket.acks();
    page.socket.states(1);
    expect(page.told).toEqual(['version 1']);
  });

  it('takes any message for a sign of life', async () => {
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
  it('live by their comments', async () => {
    const page = await streaming();
    for (let passed = 0; passed < 100_000; passed += 12_000) {
      await page.world.pass(12_000);
      await page.stream.comments();
    }
    expect(page.told).toEqual(['version 1']);
    expect(page.world.attempts).toHaveLength(2);
  });

  it('are given up without any', async () => {
    const page = await streaming();
    await page.world.pass(30_000);
    expect(page.world.streams[0]?.isAborted).toBe(true);
    expect(page.shows()).toBe('version 1');
  });

  it('speak for their own key only', async () => {
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

  it('are given up when they never begin', async () => {
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
  /** Lets nothing through any more, whatever is opened. */
  const away = (page: ToyPage): void => page.socket.closes();

  it('is shown for 45 s without a sign of life, and then nothing is', async () => {
    const page = connected();
    away(page);
    await page.world.pass(44_999);
    expect(page.shows()).toBe('version 1');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
    await page.world.pass(3_600_000);
    expect(page.told).toEqual(['version 1', 'unknown']);
  });

  it('counts from the last sign of life', async () => {
    const page = connected();
    await page.world.pass(25_000);
    page.socket.pongs();
    away(page);
    await page.world.pass(44_999);
    expect(page.shows()).toBe('version 1');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
  });

  it('comes back with the connection, though it is the same', async () => {
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

  it('is not kept fresh by a connection that does not bring it', async () => {
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

  it('that is too old is gone at once when the page is looked at', async () => {
    const page = connected();
    page.world.slowed = 'all';
    await page.world.pass(46_000);
    expect(page.shows()).toBe('version 1');
    page.feed.wake();
    expect(page.shows()).toBe('unknown');
    // The connection may live all the same.
    page.socket.pongs();
    expect(page.told).toEqual(['version 1', 'unknown', 'version 1']);
  });
});

describe('a tab in the background', () => {
  it('whose chains of timers run once a minute notices a dead connection like any other', async () => {
    const page = connected();
    page.world.slowed = 'chains';
    await page.world.pass(3_000);
    page.socket.states(2);
    await page.world.pass(44_999);
    expect(page.shows()).toBe('version 2');
    await page.world.pass(1);
    expect(page.shows()).toBe('unknown');
  });

  it('keeps a connection that lives, and never doubts it', async () => {
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

  it('all of whose timers run once a minute still shows nothing old to whoever comes', async () => {
    for (let beganAt = 0; beganAt < 60_000; beganAt += 7_000) {
      const page = new ToyPage();
      await page.world.pass(beganAt);
      page.watch();
      page.socket.acks();
      page.socket.states(1);
      page.world.slowed = 'all';
      // Nothing is answered from now on, and nobody says that the connection is gone.
      await page.world.pass(45_000);
      page.feed.wake();
      expect(page.shows()).toBe('unknown');
    }
  });
});

describe('a machine that slept', () => {
  it('shows nothing of yesterday for more than 15 s, and finds the dead connection at once', async () => {
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

  it('shows nothing of yesterday at all once it has a network', async () => {
    const page = connected();
    page.world.sleep(28_800_000);
    page.feed.wake();
    expect(page.shows()).toBe('unknown');
  });

  it('asks once, however often it is looked at', async () => {
    const page = connected();
    await page.world.pass(10_000);
    for (let passed = 0; passed < 5_000; passed += 500) {
      page.feed.wake();
      await page.world.pass(500);
    }
    expect(page.world.sockets[0]?.all('ping')).toHaveLength(1);
    expect(page.world.sockets[0]?.isClosed).toBe(true);
  });

  it('is asked about again the next time', async () => {
    const page = connected();
    for (let time = 1; time <= 3; time += 1) {
      page.feed.wake();
      expect(page.socket.all('ping')).toHaveLength(time);
      page.socket.pongs();
    }
  });

  it('keeps a stream that was just heard, and gives up one that was not', async () => {
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
  it('has no connection and no timer but that of the state’s age, and connects at once when it comes back', async () => {
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

  it('shows nothing old when it comes back late', () => {
    const page = connected();
    page.feed.suspend();
    page.world.sleep(600_000);
    page.feed.resume();
    expect(page.shows()).toBe('unknown');
  });

  it('hears nothing that arrives as it is put away', async () => {
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

  it('opens nothing for the first who comes there', () => {
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
