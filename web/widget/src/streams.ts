// Server-sent events, for networks that break WebSockets: each subscription is a request whose
// response stays open (GraphQL over SSE, distinct connections). Not an EventSource, which can
// neither POST nor report comments, and the comments are the server's heartbeat.

import { parse } from './availability';
import type { Subscriber } from './contract';
import { eventReader, type ServerEvent } from './sse';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { type Cancel, noop, type World } from './world';

/** A stream without data for this time is dead. The server sends a comment every 20 s. */
export const SILENCE_MS = 30_000;
/** The same for a connection that may be dead: still longer than the pause between two comments. */
export const PROBED_SILENCE_MS = 25_000;

interface Stream {
  stop: Cancel;
  probe: () => void;
}

/** `token`: of the visitor; null before the visitor has opened the chat. */
export function streamsWire(world: World, url: string, token: string | null, reports: Reports): Wire {
  const streams = new Table<Subscriber, Stream>();

  function subscribe(subscriber: Subscriber): void {
    const abort = new AbortController();
    let lastDataAt = world.now();
    let stopTimer = noop;
    const allow = (silenceMs: number): void => {
      stopTimer();
      stopTimer = world.later(Math.max(lastDataAt + silenceMs - world.now(), 0), end);
    };
    const isOpen = (): boolean => streams.get(subscriber) === stream;
    const stream: Stream = {
      stop() {
        streams.delete(subscriber);
        stopTimer();
        abort.abort();
      },
      probe: () => allow(PROBED_SILENCE_MS),
    };
    streams.set(subscriber, stream);
    allow(SILENCE_MS);
    listen();

    async function listen(): Promise<void> {
      try {
        const parts = await ask(subscriber, abort.signal);
        const readEvents = eventReader();
        if (!parts && isOpen()) {
          // Refused: of the subscriptions, maybe only this one.
          complete();
        }
        while (parts && isOpen()) {
          const part = await parts.read();
          // A chunk can arrive just after the last subscriber has left.
          if (!part.value || !isOpen()) {
            break;
          }
          take(readEvents(part.value));
        }
      } catch {
        // The network failed, or the stream was aborted.
      }
      if (isOpen()) {
        end();
      }
    }

    function take(events: readonly ServerEvent[]): void {
      lastDataAt = world.now();
      allow(SILENCE_MS);
      for (const { type, data } of events) {
        if (type === 'next' && isOpen()) {
          reports.result(subscriber, parse(data));
        } else if (type === 'complete' && isOpen()) {
          complete();
        }
      }
      if (isOpen()) {
        reports.alive(subscriber);
      }
    }

    function complete(): void {
      stream.stop();
      reports.result(subscriber, undefined);
    }
  }

  /** The body of the response; rejects, or returns null, if there is no stream. */
  async function ask(
    subscriber: Subscriber,
    signal: AbortSignal,
  ): Promise<ReadableStreamDefaultReader<Uint8Array> | null> {
    const response = await world.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: subscriber.request('streams'),
      // Visitors are never operators, not even on the server's own pages.
      credentials: 'omit',
      signal,
    });
    const isStream = /^text\/event-stream/.test(response.headers.get('content-type') ?? '');
    return response.ok && isStream && response.body ? response.body.getReader() : null;
  }

  function close(): void {
    for (const [, { stop }] of streams.rows) {
      stop();
    }
  }

  function end(): void {
    close();
    reports.ended(0);
  }

  return {
    subscribe,
    unsubscribe: (subscriber) => streams.get(subscriber)?.stop(),
    probe() {
      for (const [, { probe }] of streams.rows) {
        probe();
      }
    },
    close,
  };
}
