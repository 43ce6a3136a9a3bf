import { describe, expect, it, vi } from 'vitest';
import type { Guest } from '../src/chatDesk';
import type { ChatDesk, ChatPanel, ChatScript } from '../src/contract';
import { connected, streaming, ToyPage } from './page';
import { KEY, type ToySocket } from './world';

const TOKEN = `vt_${'A'.repeat(43)}`;
const OTHER = `vt_${'B'.repeat(43)}`;

const authorization = (socket: ToySocket) => socket.all('connection_init')[0]?.payload?.authorization;

/** The id of the subscription that tells whether an answer waits. */
const glanceOf = (socket: ToySocket): string | undefined =>
  socket.all('subscribe').find(({ payload }) => payload.query.includes('subscription Chat('))?.id;

function tells(socket: ToySocket, unreadCount: number): void {
  const chat = { cursor: String(unreadCount), chat: { status: 'OPEN', unreadCount } };
  socket.says({ id: glanceOf(socket), type: 'next', payload: { data: { chat } } });
}

/** An element, as far as the desk knows it. */
class Element {
  isOn = true;
  isOpen = false;
  isHidden = false;
  readonly panels: (ChatPanel | null)[] = [];
  readonly guest = {
    element: { hasAttribute: () => this.isHidden },
    isOpen: () => this.isOpen,
    setOpen: (isOpen: boolean) => {
      this.isOpen = isOpen;
    },
    isChatOn: () => this.isOn,
    settle: (panel: ChatPanel | null) => this.panels.push(panel),
  } as unknown as Guest;
}

/** `chat.js`, as far as `widget.js` knows it. */
class Script implements ChatScript {
  readonly desks: ChatDesk[] = [];
  readonly left: ChatPanel[] = [];

  begin(desk: ChatDesk) {
    this.desks.push(desk);
    desk.tell({ status: null, unreadCount: 0 });
    return {
      show: () => {
        desk.tell({ status: 'OPEN', unreadCount: this.desks.length });
        const panel: ChatPanel = { opened: () => {}, leave: () => this.left.push(panel) };
        return panel;
      },
    };
  }
}

describe('another token', () => {
  it('comes with a second socket, and the availability is never unknown', async () => {
    const page = connected(1);
    const before = page.socket;
    expect(authorization(before)).toBeUndefined();
    page.feed.identify(TOKEN);
    const after = page.socket;
    expect(after).not.toBe(before);
    after.opens();
    expect(authorization(after)).toBe(`Bearer ${TOKEN}`);
    before.states(2);
    expect([before.isClosed, page.shows()]).toEqual([false, 'version 2']);
    after.acks();
    after.states(2);
    expect([before.isClosed, page.shows()]).toEqual([true, 'version 2']);
    after.states(3);
    expect(page.told).toEqual(['version 1', 'version 2', 'version 3']);
  });

  it('comes even if the second socket fails', async () => {
    const page = connected(1);
    const before = page.socket;
    page.feed.identify(TOKEN);
    page.socket.closes();
    expect(before.isClosed).toBe(true);
    await page.world.pass(2_000);
    page.socket.opens();
    expect([authorization(page.socket), page.shows()]).toEqual([`Bearer ${TOKEN}`, 'version 1']);
  });

  it('replaces one that is not connected yet', () => {
    const page = new ToyPage();
    page.watch();
    const before = page.socket;
    page.feed.identify(TOKEN);
    page.feed.identify(TOKEN);
    page.socket.opens();
    expect([page.world.sockets.length, before.isClosed]).toEqual([2, true]);
    expect(authorization(page.socket)).toBe(`Bearer ${TOKEN}`);
  });

  it('replaces one that is about to take over', () => {
    const page = connected(1);
    page.feed.identify(TOKEN);
    const between = page.socket;
    page.feed.identify(OTHER);
    page.socket.acks();
    page.socket.states(2);
    expect([between.isClosed, authorization(page.socket), page.shows()]).toEqual([
      true,
      `Bearer ${OTHER}`,
      'version 2',
    ]);
  });

  it('keeps what is subscribed from then on off the old socket', () => {
    const page = connected(1);
    const before = page.socket;
    page.feed.identify(TOKEN);
    page.feed.desk(KEY).watch(() => {});
    page.socket.acks();
    expect([glanceOf(before), glanceOf(page.socket) === undefined]).toEqual([undefined, false]);
  });

  it('that is gone leaves no state of the chat', () => {
    const page = new ToyPage(TOKEN);
    const told: (string | null)[] = [];
    page.feed.desk(KEY).watch((state) => told.push(`${state.status} ${state.unreadCount}`));
    page.socket.acks();
    tells(page.socket, 2);
    page.feed.identify(null);
    expect(told).toEqual(['OPEN 2', 'null 0']);
  });

  it('is a header of event streams', async () => {
    const page = await streaming(1);
    const before = page.stream;
    page.feed.identify(TOKEN);
    expect(page.stream.init.headers).toMatchObject({ authorization: `Bearer ${TOKEN}` });
    page.stream.answers();
    await page.stream.states(2);
    expect([before.isAborted, page.shows()]).toEqual([true, 'version 2']);
  });
});

describe('the chat of a visitor', () => {
  it('is not asked for without a token, nor without an element or a listener', () => {
    const without = new ToyPage();
    without.watch();
    without.feed.desk(KEY).enter(new Element().guest);
    without.socket.acks();
    expect(glanceOf(without.socket)).toBeUndefined();

    const page = new ToyPage(TOKEN);
    page.watch();
    page.socket.acks();
    expect(glanceOf(page.socket)).toBeUndefined();
    const stop = page.feed.desk(KEY).watch(() => {});
    expect(glanceOf(page.socket)).toBeDefined();
    stop();
    expect(page.socket.all('complete').map(({ id }) => id)).toEqual([glanceOf(page.socket)]);
  });

  it('is told to listeners, each change once', () => {
    const page = new ToyPage(TOKEN);
    const told: string[] = [];
    page.feed.desk(KEY).watch((state) => told.push(`${state.status} ${state.unreadCount}`));
    page.socket.acks();
    tells(page.socket, 0);
    tells(page.socket, 0);
    tells(page.socket, 2);
    expect(told).toEqual(['OPEN 0', 'OPEN 2']);
    expect(Object.isFrozen(page.feed.desk(KEY).state)).toBe(true);
  });

  it('that is refused is asked for again after 30 s, and the availability goes on', async () => {
    const page = new ToyPage(TOKEN);
    page.watch();
    page.feed.desk(KEY).enter(new Element().guest);
    page.socket.acks();
    page.socket.states(1);
    page.socket.says({
      id: glanceOf(page.socket),
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_REQUESTS' } }],
    });
    expect([page.shows(), page.socket.isClosed]).toEqual(['version 1', false]);
    const count = () => page.socket.all('subscribe').length;
    await page.world.pass(29_000);
    expect(count()).toBe(2);
    await page.world.pass(2_000);
    expect(count()).toBe(3);
  });

  it('that the server completes does not end the connection', () => {
    const page = new ToyPage(TOKEN);
    page.watch();
    page.feed.desk(KEY).enter(new Element().guest);
    page.socket.acks();
    page.socket.states(1);
    page.socket.says({ id: glanceOf(page.socket), type: 'complete' });
    expect(page.socket.isClosed).toBe(false);
  });
});

it('over event streams, the chat is looked at now and then, and not kept open', async () => {
  const page = await streaming(1);
  page.feed.identify(TOKEN);
  page.stream.answers();
  await page.stream.states(2);
  page.feed.desk(KEY).enter(new Element().guest);
  const { stream } = page;
  stream.answers();
  await stream.sends(
    `event: next\ndata: {"data":{"chat":{"cursor":"1","chat":{"status":"OPEN","unreadCount":1}}}}\n\n`,
  );
  expect([page.feed.desk(KEY).state, stream.isAborted]).toEqual([{ status: 'OPEN', unreadCount: 1 }, true]);
  const before = page.world.streams.length;
  await page.world.pass(20_000);
  expect(page.world.streams).toHaveLength(before);
});

describe('chat.js', () => {
  it('is loaded when an element is opened, once, and shown at every element', () => {
    const page = new ToyPage();
    const [one, other] = [new Element(), new Element()];
    const desk = page.feed.desk(KEY);
    desk.enter(one.guest);
    desk.enter(other.guest);
    expect(page.loads).toHaveLength(0);
    one.isOpen = true;
    desk.look();
    desk.look();
    expect(page.loads).toHaveLength(1);
    const script = new Script();
    page.loads[0]?.(script);
    expect([script.desks.length, one.panels.length, other.panels.length]).toEqual([1, 1, 1]);
    const late = new Element();
    desk.enter(late.guest);
    expect([page.loads.length, script.desks.length, late.panels.length]).toEqual([1, 1, 1]);
  });

  it('is loaded when an answer waits, unless the element shows nothing', () => {
    const page = new ToyPage(TOKEN);
    const element = new Element();
    element.isHidden = true;
    page.feed.desk(KEY).enter(element.guest);
    page.socket.acks();
    tells(page.socket, 1);
    expect(page.loads).toHaveLength(0);
    element.isHidden = false;
    tells(page.socket, 2);
    expect(page.loads).toHaveLength(1);
    page.loads[0]?.(new Script());
    // It follows the chat itself.
    expect(page.socket.all('complete')).toHaveLength(1);
  });

  it.each([
    [
      'begins',
      {
        begin: () => {
          throw new Error('broken');
        },
      },
    ],
    [
      'is shown',
      {
        begin: () => ({
          show: () => {
            throw new Error('broken');
          },
        }),
      },
    ],
  ] as const)('that fails when it %s leaves the widget as it is', async (_, script) => {
    const page = new ToyPage();
    const element = new Element();
    element.isOpen = true;
    const desk = page.feed.desk(KEY);
    desk.enter(element.guest);
    page.loads[0]?.(script as unknown as ChatScript);
    expect(page.world.reported.length).toBeGreaterThan(0);
    expect(element.panels.every((panel) => panel === null)).toBe(true);
    expect(element.panels.length).toBeGreaterThan(0);
  });

  it('that cannot be loaded is tried five times, and again when the visitor opens the widget', async () => {
    const page = new ToyPage();
    const element = new Element();
    element.isOpen = true;
    const desk = page.feed.desk(KEY);
    desk.enter(element.guest);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(page.loads).toHaveLength(attempt + 1);
      page.loads[attempt]?.(null);
      desk.look();
      await page.world.pass(40_000);
    }
    await page.world.pass(600_000);
    expect(page.loads).toHaveLength(5);
    desk.look(true);
    expect(page.loads).toHaveLength(6);
  });

  it('is loaded when a message is not confirmed', () => {
    const names: string[] = [];
    vi.stubGlobal('localStorage', {
      getItem: (name: string) => (name.endsWith(' outbox') && names.push(name) ? '1' : null),
    });
    const page = new ToyPage(TOKEN);
    const element = new Element();
    page.feed.desk(KEY).enter(element.guest);
    vi.unstubAllGlobals();
    expect(page.loads).toHaveLength(1);
    expect(new Set(names)).toEqual(new Set(['deskbell https://chat.example/ wk_1 outbox']));
  });

  it('that does not arrive for seconds leaves the widget as it is, until it does', async () => {
    const page = new ToyPage();
    const element = new Element();
    element.isOpen = true;
    page.feed.desk(KEY).enter(element.guest);
    await page.world.pass(3_000);
    expect(element.panels).toEqual([]);
    await page.world.pass(2_000);
    expect(element.panels).toEqual([null]);
    page.loads[0]?.(new Script());
    expect(element.panels).toHaveLength(2);
    expect(element.panels[1]).not.toBeNull();
  });

  it('opens an element that comes after the page has asked for it', () => {
    const page = new ToyPage();
    const desk = page.feed.desk(KEY);
    const element = new Element();
    desk.setOpen(true);
    desk.enter(element.guest);
    expect(element.isOpen).toBe(true);
    const next = new Element();
    desk.enter(next.guest);
    expect(next.isOpen).toBe(false);
  });

  it('leaves an element whose chat is switched off, and comes back', () => {
    const page = new ToyPage();
    const element = new Element();
    const desk = page.feed.desk(KEY);
    const leave = desk.enter(element.guest);
    element.isOpen = true;
    desk.look();
    const script = new Script();
    page.loads[0]?.(script);
    element.isOn = false;
    desk.look();
    expect([element.panels.length, element.panels.at(-1), script.left.length]).toEqual([2, null, 1]);
    element.isOn = true;
    desk.look();
    expect([element.panels.length, page.loads.length]).toEqual([3, 1]);
    leave();
    expect(script.left).toHaveLength(2);
  });

  it('that cannot be loaded leaves the widget as it is, and is tried again', async () => {
    const page = new ToyPage();
    const element = new Element();
    const desk = page.feed.desk(KEY);
    desk.enter(element.guest);
    element.isOpen = true;
    desk.look();
    page.loads[0]?.(null);
    expect(element.panels).toEqual([null]);
    await page.world.pass(31_000);
    expect(page.loads).toHaveLength(2);
    page.loads[1]?.(new Script());
    expect(element.panels.at(-1)).not.toBeNull();
  });
});
