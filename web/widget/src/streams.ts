// Server-sent events, for networks that break WebSockets: each key is a request whose response
// stays open (GraphQL over SSE, distinct connections). Not an EventSource, which can neither POST
// nor report comments, and the comments are the server's heartbeat.

import { parse, request } from './availability';
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

export function streamsWire(world: World, url: string, reports: Reports): Wire {
  const streams = new Table<string, Stream>();

  function subscribe(key: string): void {
    const abort = new AbortController();
    let lastDataAt = world.now();
    let stopTimer = noop;
    const allow = (silenceMs: number): void => {
      stopTimer();
      stopTimer = world.later(Math.max(lastDataAt + silenceMs - world.now(), 0), end);
    };
    const isOpen = (): boolean => streams.get(key) === stream;
    const stream: Stream = {
      stop() {
        streams.delete(key);
        stopTimer();
        abort.abort();
      },
      probe: () => allow(PROBED_SILENCE_MS),
    };
    streams.set(key, stream);
    allow(SILENCE_MS);
    listen();

    async function listen(): Promise<void> {
      try {
        const parts = await ask(key, abort.signal);
        const readEvents = eventReader();
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
          reports.result(key, parse(data));
        }
      }
      if (isOpen()) {
        reports.alive(key);
      }
    }
  }

  /** The body of the response; rejects, or returns null, if there is no stream. */
  async function ask(key: string, signal: AbortSignal): Promise<ReadableStreamDefaultReader<Uint8Array> | null> {
    const response = await world.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: request(key),
      cache: 'no-store',
      // Visitors are anonymous, even on the server's own pages.
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
    unsubscribe: (key) => streams.get(key)?.stop(),
    probe() {
      for (const [, { probe }] of streams.rows) {
        probe();
      }
    },
    close,
  };
}
