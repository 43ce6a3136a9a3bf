// Server-sent events, for networks that break WebSockets: every key is a request whose answer does not end (GraphQL
// over SSE, distinct connections). Read by hand, since an EventSource can neither POST nor tell what a comment tells:
// that the server lives.

import { parse, request } from './availability';
import { eventReader, type ServerEvent } from './sse';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { type Cancel, nothing, type World } from './world';

/** A stream that says nothing for so long is given up. The server's comments come every 12 s. */
export const SILENCE_MS = 30_000;
/** The same when there is reason for doubt. */
export const PROBED_SILENCE_MS = 15_000;

interface Following {
  stop: Cancel;
  probe: () => void;
}

export function streamsWire(world: World, url: string, reports: Reports): Wire {
  const followed = new Table<string, Following>();

  function follow(key: string): void {
    const abort = new AbortController();
    let heardAt = world.now();
    let stopTimer = nothing;
    const allow = (silenceMs: number): void => {
      stopTimer();
      stopTimer = world.later(Math.max(heardAt + silenceMs - world.now(), 0), end);
    };
    const isFollowed = (): boolean => followed.get(key) === following;
    const following: Following = {
      stop() {
        followed.delete(key);
        stopTimer();
        abort.abort();
      },
      probe: () => allow(PROBED_SILENCE_MS),
    };
    followed.set(key, following);
    allow(SILENCE_MS);
    listen();

    async function listen(): Promise<void> {
      try {
        const parts = await ask(key, abort.signal);
        const readEvents = eventReader();
        while (parts && isFollowed()) {
          const part = await parts.read();
          // A part may have come in the very moment that nobody followed any more.
          if (!part.value || !isFollowed()) {
            break;
          }
          take(readEvents(part.value));
        }
      } catch {
        // The network was lost, or the stream was given up.
      }
      if (isFollowed()) {
        end();
      }
    }

    function take(events: readonly ServerEvent[]): void {
      heardAt = world.now();
      allow(SILENCE_MS);
      for (const { type, data } of events) {
        if (type === 'next' && isFollowed()) {
          reports.result(key, parse(data));
        }
      }
      if (isFollowed()) {
        reports.alive(key);
      }
    }
  }

  /** The answer's parts; rejects, or gives null, when there is no stream. */
  async function ask(key: string, signal: AbortSignal): Promise<ReadableStreamDefaultReader<Uint8Array> | null> {
    const response = await world.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: request(key),
      cache: 'no-store',
      // A visitor is a stranger, also on a page of the server's own.
      credentials: 'omit',
      signal,
    });
    const isStream = /^text\/event-stream/.test(response.headers.get('content-type') ?? '');
    return response.ok && isStream && response.body ? response.body.getReader() : null;
  }

  function close(): void {
    for (const [, { stop }] of followed.rows) {
      stop();
    }
  }

  function end(): void {
    close();
    reports.ended(0);
  }

  return {
    follow,
    unfollow: (key) => followed.get(key)?.stop(),
    probe() {
      for (const [, { probe }] of followed.rows) {
        probe();
      }
    },
    close,
  };
}
