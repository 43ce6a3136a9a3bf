// A wire brings states from the server, in one of two ways: over a WebSocket, or as event streams where a proxy breaks
// those. Each finds out by itself whether the other end still lives. Neither tries again; that is the connection's.

/** What a wire tells: never from within a call to it, and nothing once it is closed. */
export interface Reports {
  /** A GraphQL result for a key that is followed. */
  result(key: string, result: unknown): void;
  /** The other end lives, and what was last said still holds: about this key, or about every key when null. */
  alive(key: string | null): void;
  /** It is over, and closed. The code is that of a WebSocket's close, or 0. */
  ended(code: number): void;
}

export interface Wire {
  follow(key: string): void;
  unfollow(key: string): void;
  /** Asks for a sign of life, and ends soon without one. */
  probe(): void;
  close(): void;
}
