import { describe, expect, it } from 'vitest';
import { LINGER_MS } from '../src/feed';
import { connected, streaming, ToyPage } from './page';
import { SERVER } from './world';

describe('a connection', () => {
  it('is one WebSocket with a subscription per key', () => {
    const page = new ToyPage();
    const { told } = page.watch('wk_1');
    const { socket } = page;
    expect(socket.url).toBe('wss://chat.example/graphql');
    socket.opens();
    expect(socket.sent).toEqual([{ type: 'connection_init' }]);
    socket.says({ type: 'connection_ack' });
    expect(socket.sent[1]).toMatchObject({ type: 'subscribe', id: '1', payload: { variables: { key: 'wk_1' } } });
    socket.states(7);
    expect(told).toEqual(['version 7']);
  });

  it('is shared by all listeners and all keys', async () => {
    const page = connected();
    const late = page.watch();
    expect(late.told).toEqual(['version 1']);
    const other = page.watch('wk_2');
    page.socket.states(20, {}, 'wk_2');
    page.socket.states(2);
    expect([page.told, late.told, other.told]).toEqual([
      ['version 1', 'version 2'],
      ['version 1', 'version 2'],
      ['version 20'],
    ]);
    expect(page.socket.all('subscribe')).toHaveLength(2);
    expect(page.world.attempts).toHaveLength(1);
  });

  it('accepts keys before it is acknowledged', () => {
    const page = new ToyPage();
    page.watch('wk_1');
    page.watch('wk_2');
    page.socket.acks();
    expect(page.socket.all('subscribe').map(({ payload }) => payload.variables.key)).toEqual(['wk_1', 'wk_2']);
    expect(page.world.attempts).toHaveLength(1);
  });

  it('closes with the last listener, and leaves no timer', async () => {
    const page = connected();
    const other = page.watch('wk_2');
    page.stop();
    await page.world.pass(LINGER_MS);
    expect(page.socket.all('complete')).toEqual([{ type: 'complete', id: page.socket.idOf('wk_1') }]);
    expect(page.isConnected).toBe(true);
    other.stop();
    other.stop();
    await page.world.pass(LINGER_MS);
    expect(page.isConnected).toBe(false);
    expect(page.shows()).toBe('not watched');
    expect(page.world.timers).toBe(0);
  });

  it('stays open when an element is moved', async () => {
    const page = connected();
    page.stop();
    page.watch();
    await page.world.pass(10_000);
    expect(page.world.attempts).toHaveLength(1);
    expect(page.isConnected).toBe(true);
  });

  it('reopens for later listeners, with new ids', async () => {
    const page = connected();
    page.stop();
    await page.world.pass(LINGER_MS);
    const { told } = page.watch();
    page.socket.acks();
    page.socket.states(4);
    expect(told).toEqual(['version 4']);
    expect(page.world.sockets).toHaveLength(2);
  });

  it('answers the pings of the server', () => {
    const page = connected();
    page.socket.says({ type: 'ping' });
    expect(page.socket.all('pong')).toHaveLength(1);
  });

  it('ignores late messages of a cancelled subscription', async () => {
    const page = connected();
    const other = page.watch('wk_2');
    other.stop();
    await page.world.pass(LINGER_MS);
    page.socket.states(9, {}, 'wk_2');
    page.socket.says({ type: 'complete', id: page.socket.idOf('wk_2') });
    expect(other.told).toEqual([]);
    expect(page.isConnected).toBe(true);
  });
});

describe('an unknown key', () => {
  const unknown = [{ message: 'No account has this widget key.', extensions: { code: 'NOT_FOUND' } }];

  it('is requested once, with one warning', async () => {
    const page = new ToyPage();
    const { told, stop } = page.watch();
    page.socket.acks();
    page.socket.says({ id: page.socket.idOf('wk_1'), type: 'error', payload: unknown });
    expect(told).toEqual(['not found']);
    expect(page.isConnected).toBe(false);
    page.feed.wake();
    stop();
    await page.world.pass(3_600_000);
    expect(page.watch().told).toEqual(['not found']);
    await page.world.pass(3_600_000);
    expect(page.world.attempts).toHaveLength(1);
    expect(page.warnings).toEqual(['wk_1']);
    expect(page.announced).toEqual([]);
  });

  it('does not affect other keys', async () => {
    const page = connected();
    const other = page.watch('wk_2');
    page.socket.says({ id: page.socket.idOf('wk_2'), type: 'error', payload: unknown });
    page.socket.states(2);
    expect(other.told).toEqual(['not found']);
    expect(page.told).toEqual(['version 1', 'version 2']);
    expect(page.socket.isClosed).toBe(false);
  });

  it('is recognised over streams as well', async () => {
    const page = new ToyPage();
    const { told } = page.watch();
    page.socket.closes();
    await page.world.pass(2_000);
    page.stream.answers();
    await page.stream.sends(`event: next\ndata: ${JSON.stringify({ errors: unknown })}\n\nevent: complete\ndata:\n\n`);
    await page.world.pass(3_600_000);
    expect(told).toEqual(['not found']);
    expect(page.world.attempts).toHaveLength(2);
  });
});

describe('event streams', () => {
  it('follow a WebSocket that fails before it delivers a state', async () => {
    const page = new ToyPage();
    const { told } = page.watch();
    page.socket.closes(1006);
    await page.world.pass(2_000);
    const { stream } = page;
    expect(stream.url).toBe(`${SERVER}graphql`);
    expect(stream.init).toMatchObject({ method: 'POST', credentials: 'omit' });
    expect(stream.init.headers).toEqual({ 'content-type': 'application/json', accept: 'text/event-stream' });
    stream.answers();
    await stream.states(3);
    await stream.states(4);
    expect(told).toEqual(['version 3', 'version 4']);
    expect(page.world.attempts).toHaveLength(2);
  });

  it.each<[string, (page: ToyPage) => unknown]>([
    ['hangs', ({ world }) => world.pass(8_000)],
    ['is forbidden by the page’s policy', ({ socket }) => socket.fails()],
    [
      'is acknowledged, and then delivers nothing',
      ({ socket, world }) => {
        socket.acks();
        return world.pass(8_000);
      },
    ],
    ['is answered by another server', ({ socket }) => socket.says('<html>')],
    ['is answered with JSON that is no message', ({ socket }) => socket.says('null')],
    [
      'brings what is no state',
      ({ socket }) => {
        socket.acks();
        socket.says({ type: 'next', id: '1', payload: {} });
      },
    ],
  ])('come next when a WebSocket %s', async (_, fail) => {
    const page = new ToyPage();
    page.watch();
    await fail(page);
    expect(page.socket.isClosed).toBe(true);
    await page.world.pass(2_000);
    expect(page.world.streams).toHaveLength(1);
  });

  it('are used when WebSockets are unavailable', async () => {
    const page = new ToyPage();
    page.world.refusesSockets = true;
    page.watch();
    await page.world.pass(2_000);
    expect(page.world.streams).toHaveLength(1);
  });

  it('are not used after a WebSocket that worked: it is retried', async () => {
    const page = connected();
    page.socket.closes(1001);
    await page.world.pass(2_000);
    expect([page.world.sockets.length, page.world.streams.length]).toEqual([2, 0]);
  });

  it.each([
    ['refused', (page: ToyPage) => page.stream.answers(429, 'application/json')],
    ['refused in the form of a stream', (page: ToyPage) => page.stream.answers(500)],
    ['answered by a proxy’s page', (page: ToyPage) => page.stream.answers(200, 'text/html')],
    ['broken', (page: ToyPage) => page.stream.breaks()],
  ])('give way to a WebSocket when they are %s', async (_, fail) => {
    const page = new ToyPage();
    page.watch();
    page.socket.closes();
    await page.world.pass(2_000);
    fail(page);
    await page.world.pass(4_000);
    expect([page.world.sockets.length, page.world.streams.length]).toEqual([2, 1]);
  });

  it.each([
    ['end', (page: ToyPage) => page.stream.ends()],
    ['complete', (page: ToyPage) => page.stream.sends('event: complete\ndata:\n\n')],
    ['bring what is no JSON', (page: ToyPage) => page.stream.sends('event: next\ndata: {"data"\n\n')],
    ['bring a failure', (page: ToyPage) => page.stream.sends('event: next\ndata: {"errors":[{}]}\n\n')],
  ])('give way to a WebSocket when they %s', async (_, fail) => {
    const page = await streaming();
    await fail(page);
    expect(page.stream.isAborted).toBe(true);
    await page.world.pass(4_000);
    expect(page.world.sockets).toHaveLength(2);
    expect(page.shows()).toBe('version 1');
  });

  it('are one per key, and end together', async () => {
    const page = await streaming();
    page.watch('wk_2');
    expect(page.world.streams.map(({ key }) => key)).toEqual(['wk_1', 'wk_2']);
    page.stream.answers();
    await page.stream.states(9);
    expect(page.shows('wk_2')).toBe('version 9');
    await page.stream.ends();
    expect(page.isConnected).toBe(false);
  });

  it('close with the last listener', async () => {
    const page = await streaming();
    page.stop();
    await page.world.pass(LINGER_MS);
    expect(page.stream.isAborted).toBe(true);
    await page.world.pass(3_600_000);
    expect(page.world.attempts).toHaveLength(2);
    expect(page.world.timers).toBe(0);
  });

  it('are replaced by a WebSocket that works again, without a gap', async () => {
    const page = await streaming();
    const served = page.stream;
    const life = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 20_000) {
        await served.comments();
        await page.world.pass(20_000);
      }
    };
    await life(300_000);
    expect(page.world.sockets).toHaveLength(2);
    page.socket.acks();
    expect(served.isAborted).toBe(false);
    page.socket.states(1);
    expect(served.isAborted).toBe(true);
    page.socket.states(2);
    expect(page.told).toEqual(['version 1', 'version 2']);
    for (let passed = 0; passed < 900_000; passed += 40_000) {
      await page.world.pass(40_000);
      page.socket.pongs();
    }
    expect(page.world.sockets).toHaveLength(2);
  });

  it('are replaced by a WebSocket whose first state always counts', async () => {
    const page = await streaming(5);
    while (page.world.sockets.length < 2) {
      await page.stream.comments();
      await page.world.pass(20_000);
    }
    page.socket.acks();
    page.socket.states(3);
    expect(page.told).toEqual(['version 5', 'version 3']);
  });

  it('stay open while the browser refuses a WebSocket, and it is tried again later', async () => {
    const page = await streaming();
    page.world.refusesSockets = true;
    for (let passed = 0; passed < 620_000; passed += 20_000) {
      await page.stream.comments();
      await page.world.pass(20_000);
    }
    expect([page.world.sockets.length, page.world.streams.length]).toEqual([1, 1]);
    page.world.refusesSockets = false;
    while (page.world.sockets.length < 2) {
      await page.stream.comments();
      await page.world.pass(20_000);
    }
    page.socket.acks();
    page.socket.states(2);
    expect(page.told).toEqual(['version 1', 'version 2']);
  });

  it('stay open while the tried WebSocket fails, and it is tried again later', async () => {
    const page = await streaming();
    for (let passed = 0; passed < 600_000; passed += 20_000) {
      await page.stream.comments();
      await page.world.pass(20_000);
    }
    await page.stream.comments();
    await page.world.pass(10_000);
    // The first timed out; the second is in flight.
    expect(page.world.sockets.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    page.socket.closes();
    await page.stream.states(2);
    expect(page.told).toEqual(['version 1', 'version 2']);
    expect(page.world.streams).toHaveLength(1);
  });
});
