// A fake browser and server: tests control the time, and every WebSocket and stream.

import type { Socket, World } from '../src/world';

const encoder = new TextEncoder();

interface Timer {
  due: number;
  depth: number;
  run: () => void;
}

export class ToyWorld implements World {
  readonly sockets: ToySocket[] = [];
  readonly streams: ToyStream[] = [];
  readonly reported: unknown[] = [];
  /** The times of all attempts, of both kinds. */
  readonly attempts: number[] = [];
  /** The next random values; 0.5 when the list is empty. */
  readonly dice: number[] = [];
  /**
   * Which timers run only once a minute. In hidden tabs, browsers slow down timers that were set by
   * timers, five levels deep, and some browsers slow down all timers.
   */
  slowed: 'none' | 'chains' | 'all' = 'none';
  refusesSockets = false;

  #time = 0;
  /** Stops while the machine sleeps, as timers do. */
  #steady = 0;
  #timers = new Set<Timer>();
  /** The number of timers that led to the running code. */
  #depth = 0;

  now = (): number => this.#time;

  later(ms: number, run: () => void): () => void {
    const timer = { due: this.#steady + ms, depth: this.#depth + 1, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  random = (): number => this.dice.shift() ?? 0.5;

  socket(url: string): Socket {
    this.attempts.push(this.#time);
    if (this.refusesSockets) {
      throw new Error('SecurityError');
    }
    const socket = new ToySocket(url);
    this.sockets.push(socket);
    return socket;
  }

  fetch(url: string, init: RequestInit): Promise<Response> {
    this.attempts.push(this.#time);
    const stream = new ToyStream(url, init);
    this.streams.push(stream);
    return stream.response;
  }

  report(error: unknown): void {
    this.reported.push(error);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Advances the time, and runs everything that is due. */
  async pass(ms: number): Promise<void> {
    const end = this.#steady + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].map((timer) => ({ timer, at: this.#runsAt(timer) })).sort((a, b) => a.at - b.at);
      if (!next || next.at > end) {
        break;
      }
      this.#advance(next.at - this.#steady);
      this.#timers.delete(next.timer);
      this.#depth = next.timer.depth;
      next.timer.run();
      await settle();
      this.#depth = 0;
    }
    this.#advance(end - this.#steady);
  }

  /** Suspends and resumes the machine: no timer advances. */
  sleep(ms: number): void {
    this.#time += ms;
  }

  #runsAt({ due, depth }: Timer): number {
    const isSlow = this.slowed === 'all' || (this.slowed === 'chains' && depth >= 5);
    return Math.max(isSlow ? Math.ceil(due / 60_000) * 60_000 : due, this.#steady);
  }

  #advance(ms: number): void {
    this.#steady += ms;
    this.#time += ms;
  }
}

/** Runs the callbacks of settled promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) {
    await Promise.resolve();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what was sent is looked at by tests, whatever it is.
type Message = any;

/** The server's end of a WebSocket. */
export class ToySocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  readonly sent: Message[] = [];
  /** The same as bytes. */
  readonly texts: string[] = [];
  isClosed = false;

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
    this.texts.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  opens(): void {
    this.onopen?.call(this as never, {} as Event);
  }

  says(message: object | string): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    this.onmessage?.call(this as never, { data } as MessageEvent);
  }

  acks(): void {
    this.opens();
    this.says({ type: 'connection_ack' });
  }

  closes(code = 1006): void {
    this.isClosed = true;
    this.onclose?.call(this as never, { code } as CloseEvent);
  }

  fails(): void {
    this.isClosed = true;
    this.onerror?.call(this as never, {} as Event);
  }

  /** All sent messages of a type. */
  all(type: string): Message[] {
    return this.sent.filter((message) => message.type === type);
  }

  /** The id of the latest subscription to the availability of a key. */
  idOf(key: string): string {
    const ids = this.all('subscribe').filter(
      ({ payload }) => payload.variables.key === key && payload.query.includes('availability'),
    );
    return ids.at(-1)?.id ?? `no subscription to ${key}`;
  }

  /** Sends the state of a key. */
  states(version: number, more: Partial<State> = {}, key = KEY): void {
    this.says({ id: this.idOf(key), type: 'next', payload: { data: { availability: state(version, more) } } });
  }

  pongs(): void {
    this.says({ type: 'pong' });
  }
}

/** The server's end of an event stream. */
export class ToyStream {
  readonly response: Promise<Response>;
  readonly key: string;
  #resolve!: (response: Response) => void;
  #reject!: (error: unknown) => void;
  #body!: ReadableStreamDefaultController<Uint8Array>;
  isAborted = false;

  constructor(
    readonly url: string,
    readonly init: RequestInit,
  ) {
    this.key = JSON.parse(String(init.body)).variables.key;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    init.signal?.addEventListener('abort', () => {
      this.isAborted = true;
      this.breaks();
    });
  }

  answers(status = 200, type = 'text/event-stream'): void {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#body = controller;
      },
    });
    this.#resolve(new Response(body, { status, headers: { 'content-type': type } }));
  }

  async sends(text: string | Uint8Array): Promise<void> {
    this.#body.enqueue(typeof text === 'string' ? encoder.encode(text) : text);
    await settle();
  }

  async states(version: number, more: Partial<State> = {}): Promise<void> {
    const result = { data: { availability: state(version, more) } };
    await this.sends(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
  }

  async comments(): Promise<void> {
    await this.sends(':\n\n');
  }

  async ends(): Promise<void> {
    this.#body.close();
    await settle();
  }

  breaks(): void {
    const error = new TypeError('network error');
    this.#reject(error);
    this.#body?.error(error);
  }
}

export const SERVER = 'https://chat.example/';
export const KEY = 'wk_1';

export interface State {
  version: number;
  isAvailable: boolean;
  isChatEnabled: boolean;
  operators: object[];
}

export function state(version: number, more: Partial<State> = {}): State {
  const ada = { id: 'a', publicName: 'Ada', description: null, photoUrl: null };
  return { version, isAvailable: true, isChatEnabled: true, operators: [ada], ...more };
}
