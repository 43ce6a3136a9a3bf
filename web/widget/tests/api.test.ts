import { describe, expect, it } from 'vitest';
import { type PageApi, pageApi } from '../src/api';
import type { Availability } from '../src/availability';
import { LINGER_MS } from '../src/feed';
import { ToyPage } from './page';
import { KEY } from './world';

function open(): { page: ToyPage; api: PageApi } {
  const page = new ToyPage();
  return { page, api: pageApi(page.world, () => page.feed) };
}

describe('window.deskbell', () => {
  it('reports the page’s key, at once and with each change', () => {
    const { page, api } = open();
    api.introduce(KEY, null);
    const heard: (Availability | null)[] = [];
    api.deskbell.on('availability', (availability) => heard.push(availability));
    expect([heard, api.deskbell.availability]).toEqual([[], null]);
    page.socket.acks();
    page.socket.states(1);
    const late: (Availability | null)[] = [];
    api.deskbell.on('availability', (availability) => late.push(availability));
    page.socket.states(2);
    expect(heard.map((each) => each?.version)).toEqual([1, 2]);
    expect(late.map((each) => each?.version)).toEqual([1, 2]);
    expect(api.deskbell.availability).toBe(heard[1]);
    expect(Object.isFrozen(api.deskbell)).toBe(true);
  });

  it('reports null when the state becomes unknown', async () => {
    const { page, api } = open();
    api.introduce(KEY, null);
    const heard: (number | undefined)[] = [];
    api.deskbell.on('availability', (availability) => heard.push(availability?.version));
    page.socket.acks();
    page.socket.states(1);
    page.socket.closes();
    await page.world.pass(60_000);
    expect(heard).toEqual([1, undefined]);
    expect(api.deskbell.availability).toBeNull();
    // A new listener is not called before there is a state.
    api.deskbell.on('availability', () => heard.push(-1));
    expect(heard).toEqual([1, undefined]);
  });

  it('keeps the connection while there is a listener', async () => {
    const { page, api } = open();
    api.introduce(KEY, null);
    const [stop, stopOther] = [api.deskbell.on('availability', () => {}), api.deskbell.on('availability', () => {})];
    page.socket.acks();
    page.socket.states(1);
    stop();
    await page.world.pass(LINGER_MS);
    expect(page.isConnected).toBe(true);
    stopOther();
    await page.world.pass(LINGER_MS);
    expect(page.isConnected).toBe(false);
    expect(api.deskbell.availability).toBeNull();
  });

  it('does not call a removed listener, not even in the same task', () => {
    const { page, api } = open();
    api.introduce(KEY, null);
    const heard: string[] = [];
    api.deskbell.on('availability', () => {
      heard.push('first');
      stopSecond();
    });
    const stopSecond = api.deskbell.on('availability', () => heard.push('second'));
    page.socket.acks();
    page.socket.states(1);
    expect(heard).toEqual(['first']);
  });

  it('isolates an exception in one listener, and reports it', () => {
    const { page, api } = open();
    api.introduce(KEY, null);
    const heard: number[] = [];
    const fault = new Error('the page’s own');
    api.deskbell.on('availability', () => {
      throw fault;
    });
    api.deskbell.on('availability', (availability) => heard.push(Number(availability?.version)));
    page.socket.acks();
    page.socket.states(1);
    page.socket.states(2);
    expect(heard).toEqual([1, 2]);
    expect(page.world.reported).toEqual([fault, fault]);
    expect(page.socket.isClosed).toBe(false);
  });

  it('accepts listeners before the page has a key', () => {
    const { page, api } = open();
    const heard: number[] = [];
    const stop = api.deskbell.on('availability', () => heard.push(-1));
    api.deskbell.on('availability', (availability) => heard.push(Number(availability?.version)));
    const stopLater = api.deskbell.on('availability', () => heard.push(-2));
    stop();
    expect(page.world.attempts).toEqual([]);
    api.introduce(KEY, null);
    stopLater();
    api.introduce('wk_2', null);
    page.socket.acks();
    page.socket.states(1);
    expect(heard).toEqual([1]);
    expect(api.deskbell.availability?.version).toBe(1);
  });

  it('supports other keys over the same connection', () => {
    const { page, api } = open();
    api.introduce(KEY, null);
    const heard: string[] = [];
    api.deskbell.on('availability', (availability) => heard.push(`one ${availability?.version}`));
    const other = api.deskbell.for('wk_2');
    other.on('availability', (availability) => heard.push(`two ${availability?.version}`));
    page.socket.acks();
    page.socket.states(1);
    page.socket.states(20, {}, 'wk_2');
    expect(heard).toEqual(['one 1', 'two 20']);
    expect(other.availability?.version).toBe(20);
    expect(page.world.attempts).toHaveLength(1);
  });

  it('throws at once for an unknown event', () => {
    const { api } = open();
    const { on } = api.deskbell as unknown as { on(event: unknown, listener: unknown): void };
    expect(() => on('message', () => {})).toThrow('no such event, or no function: message');
    expect(() => on('availability', undefined)).toThrow('no such event, or no function: availability');
  });

  it('reports nothing for an unknown key', () => {
    const { page, api } = open();
    api.introduce(KEY, null);
    const heard: unknown[] = [];
    api.deskbell.on('availability', (availability) => heard.push(availability));
    page.socket.acks();
    const payload = [{ extensions: { code: 'NOT_FOUND' } }];
    page.socket.says({ id: page.socket.idOf(KEY), type: 'error', payload });
    expect(heard).toEqual([]);
    expect(api.deskbell.availability).toBeNull();
  });
});
