// The subscriptions of one connection: one per key, over all of its wires.

import type { Availability } from './availability';
import type { Table } from './table';
import type { Wire } from './wire';

/** The subscriber to a key. */
export interface Subscriber {
  state(availability: Availability, isFirst: boolean): void;
  alive(): void;
  notFound(): void;
}

export interface Subscription {
  readonly subscriber: Subscriber;
  /**
   * Whether the current wire has delivered a state. Only then does its heartbeat confirm the state.
   */
  isFresh: boolean;
}

export type Subscriptions = Table<string, Subscription>;

/** Subscribes to all keys on a new wire. */
export function subscribeAll(subscriptions: Subscriptions, wire: Wire): void {
  for (const [key] of subscriptions.rows) {
    wire.subscribe(key);
  }
}

/** The wire is closed or replaced: the first state of each key is still to come. */
export function resetStates(subscriptions: Subscriptions): void {
  for (const [, subscription] of subscriptions.rows) {
    subscription.isFresh = false;
  }
}

/** A state from the current wire. */
export function deliver(subscription: Subscription, availability: Availability): void {
  const isFirst = !subscription.isFresh;
  subscription.isFresh = true;
  subscription.subscriber.state(availability, isFirst);
}

/** A heartbeat of the current wire, for one key, or for all keys if null. */
export function confirm(subscriptions: Subscriptions, key: string | null): void {
  for (const [other, { subscriber, isFresh }] of subscriptions.rows) {
    if (isFresh && (key === null || key === other)) {
      subscriber.alive();
    }
  }
}
