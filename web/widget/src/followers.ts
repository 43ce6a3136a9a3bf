// The subscribers to the keys of one connection, over all of its wires.

import type { Availability } from './availability';
import type { Table } from './table';
import type { Wire } from './wire';

/** The subscriber to a key. */
export interface Follower {
  state(availability: Availability, isFirst: boolean): void;
  alive(): void;
  notFound(): void;
}

export interface Following {
  readonly follower: Follower;
  /**
   * Whether the current wire has delivered a state. Only then does its heartbeat confirm the state.
   */
  isFresh: boolean;
}

export type Followers = Table<string, Following>;

/** Subscribes to all keys on a new wire. */
export function join(followers: Followers, wire: Wire): void {
  for (const [key] of followers.rows) {
    wire.follow(key);
  }
}

/** The wire is closed or replaced: the first state of each key is still to come. */
export function restart(followers: Followers): void {
  for (const [, following] of followers.rows) {
    following.isFresh = false;
  }
}

/** A state from the current wire. */
export function deliver(following: Following, availability: Availability): void {
  const isFirst = !following.isFresh;
  following.isFresh = true;
  following.follower.state(availability, isFirst);
}

/** A heartbeat of the current wire, for one key, or for all keys if null. */
export function confirm(followers: Followers, key: string | null): void {
  for (const [other, { follower, isFresh }] of followers.rows) {
    if (isFresh && (key === null || key === other)) {
      follower.alive();
    }
  }
}
