// Event streams instead of the WebSocket (GraphQL over SSE, distinct connections): each
// subscription is a request whose response stays open.
//
// Over HTTP/1.1, a browser has six connections to a server for all tabs, and queries need one of
// them. So a visible tab holds two streams, and at most two tabs do so. All other subscriptions are
// polled every few seconds: the first item of a stream is the current state.
import type { Sink, SubscribePayload } from 'graphql-ws';
import { eventReader } from '../../../widget/src/sse';
import type { Item } from './lasting';
import { pause } from './socket';

const MOST_HELD = 2;
const MOST_TABS = 2;
export const ASK_EVERY_MS = 5_000;
/** A stream without data for this time is dead. The server sends a heartbeat every 20 s. */
const SILENCE_MS = 30_000;

export interface Streams {
  /** Subscribes while streams are wanted. Returns a function that cancels the subscription. */
  subscribe(request: SubscribePayload, sink: Sink<Item>): () => void;
  start(): void;
  stop(): void;
}

interface Subscription {
  request: SubscribePayload;
  sink: Sink<Item>;
  /** Whether the shown state is current. */
  isFresh: boolean;
  /** Whether the latest stream has delivered a state. */
  hasServed: boolean;
  /** Ends the stream and all retries. */
  over: AbortController | null;
}

/** `onLive` receives whether all subscriptions are current; false while streams are not wanted. */
export function openStreams(onLive: (live: boolean) => void): Streams {
  const subscriptions = new Set<Subscription>();
  let isWanted = false;
  let isOver = false;
  let held = 0;
  /** Notifies waiting streams when a place becomes free. */
  const places = new EventTarget();
  /** Releases this tab's place among the tabs with streams; null without a place. */
  let tab: Promise<(() => void) | null> | null = null;
  let watching: AbortController | null = null;

  function report() {
    onLive(isWanted && !isOver && [...subscriptions].every(({ isFresh }) => isFresh));
  }

  function arrange() {
    const mayRun = isWanted && !isOver && document.visibilityState !== 'hidden';
    if (!mayRun) {
      leaveTab();
    }
    for (const one of subscriptions) {
      const isRunning = one.over !== null;
      if (mayRun && !isRunning) {
        one.over = new AbortController();
        void run(one, one.over.signal);
      } else if (!mayRun && isRunning) {
        end(one);
      }
    }
  }

  /** Lets another window hold streams. */
  function yieldTab() {
    for (const one of subscriptions) {
      end(one);
    }
    leaveTab();
    arrange();
  }

  function end(one: Subscription) {
    one.over?.abort();
    one.over = null;
    one.isFresh = false;
  }

  async function run(one: Subscription, signal: AbortSignal) {
    let failures = 0;
    while (!signal.aborted) {
      const mayHold = await takePlace();
      one.hasServed = false;
      if (!signal.aborted) {
        await listen(one, signal, !mayHold).catch(() => {});
      }
      failures = one.hasServed ? 0 : failures + 1;
      if (mayHold) {
        held -= 1;
        places.dispatchEvent(new Event('free'));
      }
      if (signal.aborted) {
        return;
      }
      // A polled state counts as current until the next poll.
      if (mayHold || failures > 0) {
        one.isFresh = false;
        report();
      }
      await rest(mayHold || failures > 0 ? pause(failures) : ASK_EVERY_MS, signal, mayHold ? null : places);
    }
  }

  /** Whether a stream may stay open. If so, it is counted in `held`. */
  async function takePlace(): Promise<boolean> {
    if (held >= MOST_HELD) {
      return false;
    }
    held += 1;
    const entering = tab ?? enterTab();
    tab = entering;
    if ((await entering) !== null) {
      return true;
    }
    held -= 1;
    tab = tab === entering ? null : tab;
    return false;
  }

  function leaveTab() {
    void tab?.then((leave) => leave?.());
    tab = null;
  }

  /** Reads a stream to its end, or to its first item. Rejects if the stream fails. */
  async function listen(one: Subscription, signal: AbortSignal, isOnce: boolean) {
    const over = new AbortController();
    const abort = () => over.abort();
    signal.addEventListener('abort', abort);
    let silence = setTimeout(abort, SILENCE_MS);
    try {
      const reader = await open(one.request, over.signal);
      const readEvents = eventReader();
      for (;;) {
        const { value } = await reader.read();
        if (value === undefined) {
          throw new Error('the stream broke off');
        }
        clearTimeout(silence);
        silence = setTimeout(abort, SILENCE_MS);
        for (const { type, data } of readEvents(value)) {
          if (signal.aborted || type === 'complete') {
            return;
          }
          if (type === 'next') {
            take(one, JSON.parse(data));
            if (isOnce) {
              return;
            }
          }
        }
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      abort();
    }
  }

  function take(one: Subscription, item: Item) {
    one.hasServed = one.isFresh = !item.errors;
    one.sink.next(item);
    // The session has ended. A retry would be rejected again.
    if (item.errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) {
      isOver = true;
      arrange();
    }
    report();
  }

  return {
    subscribe(request, sink) {
      const one: Subscription = { request, sink, isFresh: false, hasServed: false, over: null };
      subscriptions.add(one);
      arrange();
      return () => {
        subscriptions.delete(one);
        end(one);
        if (isWanted) {
          report();
        }
      };
    },
    start() {
      if (!isWanted) {
        isWanted = true;
        watching = new AbortController();
        document.addEventListener('visibilitychange', arrange, { signal: watching.signal });
        if (!navigator.locks) {
          addEventListener('blur', yieldTab, { signal: watching.signal });
          addEventListener('focus', () => places.dispatchEvent(new Event('free')), { signal: watching.signal });
        }
        arrange();
      }
    },
    stop() {
      if (isWanted) {
        isWanted = false;
        watching?.abort();
        arrange();
        report();
      }
    },
  };
}

async function open(request: SubscribePayload, signal: AbortSignal): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'graphql-require-preflight': '1',
    },
    body: JSON.stringify(request),
    cache: 'no-store',
    signal,
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (!response.ok || !isStream || response.body === null) {
    throw new Error(`no stream: HTTP ${response.status}`);
  }
  return response.body.getReader();
}

/**
 * Takes a place among the tabs that hold streams. Returns a function that releases it; null if all
 * are taken.
 */
async function enterTab(): Promise<(() => void) | null> {
  // Pages without TLS have no locks. There, the window with the focus holds streams.
  if (!navigator.locks) {
    return document.hasFocus() ? () => {} : null;
  }
  for (let place = 0; place < MOST_TABS; place += 1) {
    const leave = await new Promise<(() => void) | null>((resolve) => {
      void navigator.locks.request(`deskbell.streams.${place}`, { ifAvailable: true }, (lock) =>
        lock === null ? resolve(null) : new Promise<void>((release) => resolve(release)),
      );
    });
    if (leave !== null) {
      return leave;
    }
  }
  return null;
}

/** Waits until the time is over, the network is back, a place is free, or the wait is cancelled. */
function rest(ms: number, signal: AbortSignal, places: EventTarget | null): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end, { signal: over.signal });
    signal.addEventListener('abort', end, { signal: over.signal });
    places?.addEventListener('free', end, { signal: over.signal });
  });
}
