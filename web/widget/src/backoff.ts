// The pause before an attempt to connect.

import type { World } from './world';

export const SHORTEST_PAUSE_MS = 500;
export const FIRST_LONGEST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 30_000;

/**
 * Milliseconds until the next attempt, after this number of failures in a row. Random, between the
 * shortest pause and a maximum that doubles with each failure.
 */
export function pauseAfter(failures: number, { random }: Pick<World, 'random'>): number {
  const longest = Math.min(FIRST_LONGEST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), LONGEST_PAUSE_MS);
  return SHORTEST_PAUSE_MS + (longest - SHORTEST_PAUSE_MS) * random();
}
