// A wire delivers results from the server: over a WebSocket, or over event streams if a proxy
// blocks WebSockets. Each kind detects a dead peer by itself. A wire does not reconnect; the
// connection does.

import type { Subscriber } from './contract';

/** Callbacks of a wire. They are never called during a call to the wire, nor after it is closed. */
export interface Reports {
  /** A GraphQL result for a subscriber; undefined if the server has completed the subscription. */
  result(subscriber: Subscriber, result: unknown): void;
  /**
   * A heartbeat: the peer is alive and the latest state is current, for this subscriber, or for all
   * if null.
   */
  alive(subscriber: Subscriber | null): void;
  /** The wire has ended. `code` is the close code of the WebSocket, or 0. */
  ended(code: number): void;
}

export interface Wire {
  subscribe(subscriber: Subscriber): void;
  unsubscribe(subscriber: Subscriber): void;
  /** Requests a heartbeat, and ends soon if there is none. */
  probe(): void;
  close(): void;
}
