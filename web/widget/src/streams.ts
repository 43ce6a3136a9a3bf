// Server-sent events, for networks that break WebSockets: each key is a request whose response
// stays open (GraphQL over SSE, distinct connections). Not an EventSource, which can neither POST
// nor report comments, and the comments are the server's heartbeat.

import { parse, request } from './availability';
import { eventReader, type ServerEvent } from './sse';
import { Table } from './table';
import type { Reports, Wire } from './wire';
import { type Cancel, nothing, type World } from './world';

/** A stream without data for this time is dead. The server sends a comment every 12 s. */
export const SILENCE_MS = 30_000;
/** The same for a connection that may be dead. */
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
          // A chunk can arrive just after the last subscriber has left.
          if (!part.value || !isFollowed()) {
            break;
          }
          take(readEvents(part.value));
        }
      } catch {
        // The network failed, or the stream was aborted.
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
