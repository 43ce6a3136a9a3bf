// A fake browser with pages of one site, and a fake server: tests control time, network and
// storage.

import { type Talking, talking } from '../../src/chat/chat';
import type { ChatWorld } from '../../src/chat/world';
import type { ChatDesk, ChatState, Link, Subscriber } from '../../src/contract';
import { settle, ToyWorld } from '../world';

export const KEY = 'wk_1';
export const SERVER = 'https://chat.example/';

/** What a browser keeps for a site. */
export class ToyStorage {
  readonly items = new Map<string, string>();
  /** `denied`: throws. `full`: takes nothing new. */
  is: 'open' | 'denied' | 'full' = 'open';
  readonly #pages = new Set<{ hears: (name: string | null) => void; from: object }>();
  readonly #locks = new Map<string, Promise<void>>();

  watch(from: object, hears: (name: string | null) => void): () => void {
    const page = { hears, from };
    this.#pages.add(page);
    return () => this.#pages.delete(page);
  }

  set(from: object, name: string, value: string | null): boolean {
    if (this.is === 'denied' || (this.is === 'full' && value !== null)) {
      return false;
    }
    if (value === null) {
      this.items.delete(name);
    } else {
      this.items.set(name, value);
    }
    for (const page of [...this.#pages]) {
      if (page.from !== from) {
        void Promise.resolve().then(() => page.hears(name));
      }
    }
    return true;
  }

  async locked(name: string, act: () => Promise<void>): Promise<void> {
    const before = this.#locks.get(name) ?? Promise.resolve();
    const mine = before.then(act);
    this.#locks.set(
      name,
      mine.catch(() => undefined),
    );
    await mine;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what was sent is looked at by tests, whatever it is.
type Variables = Record<string, any>;

interface Written {
  sequence: number;
  clientMessageId: string | null;
  author: string;
  operator: { id: string; publicName: string; description: null; photoUrl: null } | null;
  text: string | null;
  event: string | null;
  sentAt: string;
}

interface Chat {
  id: string;
  token: string;
  status: string;
  messages: Written[];
  readUpTo: number;
}

export const ADA = { id: 'ada', publicName: 'Ada', description: null, photoUrl: null };

/** A server with one account, which keeps what docs/chat.md promises. */
export class ToyServer {
  readonly chats: Chat[] = [];
  readonly followers = new Set<() => void>();
  /** What the next messages are refused with. */
  refusals: object[] = [];
  /** Most messages of an item. */
  portion = 100;
  #serial = 0;

  latest(token: string | null): Chat | undefined {
    return this.chats.filter((chat) => chat.token === token).at(-1);
  }

  answer(token: string | null, query: string, variables: Variables): unknown {
    const input = variables.input ?? {};
    if (query.includes('sendChatMessage')) {
      return { data: { sendChatMessage: this.#send(token as string, input) } };
    }
    if (query.includes('markChatRead')) {
      const chat = this.latest(token);
      if (chat) {
        chat.readUpTo = Math.max(chat.readUpTo, input.upTo);
        this.#changed();
      }
      return { data: { markChatRead: { userErrors: [] } } };
    }
    if (query.includes('closeChat')) {
      const refusal = this.refusals.shift();
      if (!refusal) {
        this.close(token as string, 'VISITOR');
      }
      return { data: { closeChat: { userErrors: refusal ? [refusal] : [] } } };
    }
    if (query.includes('setChatTyping')) {
      return { data: { setChatTyping: { userErrors: [] } } };
    }
    const chat = this.latest(token);
    const page = (messages: Written[], last: number) =>
      messages.filter(({ sequence }) => sequence < (variables.before ?? Number.POSITIVE_INFINITY)).slice(-last);
    if (query.includes('earlier')) {
      const all = this.chats.filter((other) => other.token === token).slice(0, -1);
      const earlier = all.slice(-variables.count).map(({ id, messages }) => ({
        id,
        closedBy: 'OPERATOR',
        messages: page(messages, variables.last),
      }));
      return { data: { chat: chat ? { id: chat.id, earlier } : null } };
    }
    return { data: { chat: chat ? { id: chat.id, closedBy: null, messages: page(chat.messages, 50) } : null } };
  }

  #send(token: string, input: { clientMessageId: string; text: string }): unknown {
    for (const chat of this.chats) {
      const repeated = chat.messages.find(
        ({ clientMessageId }) => chat.token === token && clientMessageId === input.clientMessageId,
      );
      if (repeated) {
        return { message: repeated, chat: { id: chat.id }, userErrors: [] };
      }
    }
    const refusal = this.refusals.shift();
    if (refusal) {
      return { message: null, chat: null, userErrors: [refusal] };
    }
    let chat = this.latest(token);
    if (!chat || chat.status === 'CLOSED') {
      chat = { id: `chat ${this.chats.length + 1}`, token, status: 'PENDING', messages: [], readUpTo: 0 };
      this.chats.push(chat);
    }
    const message = this.#write(chat, { author: 'VISITOR', ...input });
    return { message, chat: { id: chat.id }, userErrors: [] };
  }

  /** An operator writes. */
  says(token: string, text: string): void {
    const chat = this.latest(token);
    if (chat && chat.status !== 'CLOSED') {
      this.#write(chat, { author: 'OPERATOR', operator: ADA, text });
    }
  }

  close(token: string, _by: string): void {
    const chat = this.latest(token);
    if (chat && chat.status !== 'CLOSED') {
      chat.status = 'CLOSED';
      this.#write(chat, { author: 'SYSTEM', event: 'CLOSED' });
    }
  }

  #write(chat: Chat, part: Partial<Written>): Written {
    const message: Written = {
      sequence: chat.messages.length + 1,
      clientMessageId: null,
      operator: null,
      text: null,
      event: null,
      author: 'SYSTEM',
      ...part,
      sentAt: new Date(this.#serial * 1_000).toISOString(),
    };
    this.#serial += 1;
    chat.messages.push(message);
    this.#changed();
    return message;
  }

  #changed(): void {
    for (const follower of [...this.followers]) {
      follower();
    }
  }

  /** An item for a subscriber: everything since the cursor. */
  item(token: string | null, after: string | null): { result: unknown; cursor: string } {
    const chat = this.latest(token);
    if (!chat) {
      const cursor = 'none';
      return { result: { data: { chat: { chat: null, messages: [], cursor, isReset: false } } }, cursor };
    }
    const [id, sequence] = (after ?? '').split('/');
    const isKnown = id === chat.id;
    const messages = isKnown ? chat.messages.slice(Number(sequence)).slice(0, this.portion) : chat.messages.slice(-50);
    const upTo = messages.at(-1)?.sequence ?? chat.messages.length;
    const cursor = `${chat.id}/${upTo}/${upTo < chat.messages.length ? '' : chat.readUpTo}`;
    const isFirst = this.chats.filter((other) => other.token === token).length === 1;
    const isReset = after !== null && !isKnown && !(after === 'none' && isFirst);
    const { status, readUpTo } = chat;
    const head = {
      ...{ id: chat.id, status, closedBy: status === 'CLOSED' ? 'OPERATOR' : null, operators: [], visitor: {} },
      ...{ isOperatorTyping: false, lastSequence: chat.messages.length, readUpTo, readByOperatorUpTo: 0 },
      unreadCount: chat.messages.filter(({ author, sequence: its }) => author === 'OPERATOR' && its > readUpTo).length,
    };
    return { result: { data: { chat: { chat: head, messages, cursor, isReset } } }, cursor };
  }
}

let serial = 0;

const noWire = (): never => {
  throw new Error('this page opens no wires');
};

/** How a request fares: the server may answer although the answer is lost. */
export type Fate = 'arrives' | 'request lost' | 'answer lost' | 'refused by a proxy';

export class ToyPage {
  readonly world = new ToyWorld();
  readonly told: ChatState[] = [];
  readonly requests: { query: string; variables: Variables }[] = [];
  /** The fates of the next requests; they arrive when the list is empty. */
  readonly fates: Fate[] = [];
  readonly chat: Talking;
  /** The chat of another key on the same page. */
  readonly chatOf: (key: string) => Talking;
  /** Whether no item arrives, although the connection is there. */
  mutes = false;
  details: { name?: string; email?: string } = {};
  #isOnline = true;
  #token: string | null;
  /** With what ends each. */
  readonly #subscribers = new Map<Subscriber, () => void>();
  readonly #server: ToyServer;

  constructor(server: ToyServer, storage: ToyStorage, key = KEY) {
    this.#server = server;
    this.#token = storage.items.get(`deskbell ${SERVER} token`) ?? null;
    const { world } = this;
    const page = this;
    const chatWorld: ChatWorld = {
      now: world.now,
      later: (ms, run) => world.later(ms, run),
      random: world.random,
      fetch: (_, init) => this.#fetch(init),
      date: () => 1_000_000 + world.now(),
      // Different each time, on all pages.
      bytes: (count) => Uint8Array.from({ length: count }, (_, place) => (serial++ * 31 + place) >> ((place % 4) * 8)),
      stored: (its) => (storage.is === 'denied' ? undefined : (storage.items.get(its) ?? null)),
      store: (its, value) => storage.set(page, its, value),
      names: () => (storage.is === 'denied' ? [] : [...storage.items.keys()]),
      watchStore: (changed) => storage.watch(page, changed),
      locked: (its, act) => storage.locked(its, act),
      report: (error) => world.report(error),
      hold: () => () => {},
      page: () => ({ url: 'https://shop.example/', title: 'A shop', referrer: '' }),
    };
    const link: Link = {
      get token() {
        return page.#token;
      },
      get isServing() {
        return page.#isOnline;
      },
      identify(token) {
        if (token !== page.#token) {
          page.#token = token;
          page.#beginAll();
        }
      },
      subscribe(subscriber) {
        page.#subscribers.set(subscriber, () => {});
        page.#begin(subscriber);
      },
      unsubscribe(subscriber) {
        page.#subscribers.get(subscriber)?.();
        page.#subscribers.delete(subscriber);
      },
      wake() {},
      dial: { socket: noWire, streams: noWire },
    };
    const deskOf = (its: string): ChatDesk => ({
      key: its,
      server: SERVER,
      link,
      watch: () => () => {},
      visitor: () => this.details,
      tell: (state) => this.told.push(state),
    });
    this.chatOf = (its) => talking(chatWorld, deskOf(its));
    this.chat = this.chatOf(key);
  }

  get token(): string | null {
    return this.#token;
  }

  /** The connection breaks, or comes back. */
  online(isOnline: boolean): void {
    this.#isOnline = isOnline;
    this.#beginAll();
  }

  /** The page is closed: nothing of it happens any more. */
  closes(): void {
    this.#isOnline = false;
    this.#beginAll();
    this.#subscribers.clear();
    this.fates.length = 0;
    this.world.later = () => () => {};
  }

  /** Until the server has the next request, and has not answered. */
  asked(): Promise<void> {
    return new Promise((resolve) => {
      this.#asked = resolve;
    });
  }

  #asked = (): void => {};

  /** Delivers the last item once more. */
  #again: (() => void) | null = null;
  repeats(): void {
    this.#again?.();
  }

  #beginAll(): void {
    for (const [subscriber] of this.#subscribers) {
      this.#begin(subscriber);
    }
  }

  #begin(subscriber: Subscriber): void {
    this.#subscribers.get(subscriber)?.();
    this.#subscribers.set(subscriber, () => {});
    if (!this.#isOnline) {
      return;
    }
    let isCurrent = true;
    let cursor = JSON.parse(subscriber.request('socket')).variables.after as string | null;
    let isFirst = true;
    const deliver = (): void => {
      void Promise.resolve().then(() => {
        const item = this.#server.item(this.#token, cursor);
        if (!isCurrent || this.mutes || (item.cursor === cursor && !isFirst)) {
          return;
        }
        cursor = item.cursor;
        const wasFirst = isFirst;
        isFirst = false;
        subscriber.take(item.result, wasFirst);
        this.#again = () => isCurrent && subscriber.take(item.result, false);
        // The next portion, if there is one.
        this.world.later(50, deliver);
      });
    };
    this.#server.followers.add(deliver);
    this.#subscribers.set(subscriber, () => {
      isCurrent = false;
      this.#server.followers.delete(deliver);
    });
    deliver();
  }

  async #fetch(init: RequestInit): Promise<Response> {
    await settle();
    const fate = this.#isOnline ? (this.fates.shift() ?? 'arrives') : 'request lost';
    if (fate === 'request lost') {
      throw new TypeError('Failed to fetch');
    }
    if (fate === 'refused by a proxy') {
      return new Response('<h1>Bad gateway</h1>', { status: 502 });
    }
    const { query, variables } = JSON.parse(String(init.body));
    this.requests.push({ query, variables });
    const authorization = (init.headers as Record<string, string>).authorization ?? '';
    const answer = JSON.stringify(this.#server.answer(authorization.replace('Bearer ', '') || null, query, variables));
    this.#asked();
    if (fate === 'answer lost') {
      throw new TypeError('Failed to fetch');
    }
    await settle();
    return new Response(answer, { headers: { 'content-type': 'application/json' } });
  }
}

/** Runs what is due on all pages, for this time. */
export async function pass(ms: number, ...pages: readonly ToyPage[]): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    for (const page of pages) {
      await page.world.pass(Math.min(100, left));
    }
  }
  await settle();
}
