// What the page of an operator is told by the one that has just added them: it goes with the navigation, once.
import type { Faults } from '../api/problems';
import { SAVED } from '../ui/Unsaved';

export interface Arrival {
  /** They were to be active, and none of so many seats was free; null: nothing of the kind. */
  noSeat: number | null;
  /** Why the photo was not taken. */
  faults: Faults;
  /** The photo, to be sent again. */
  photo?: Blob;
}

export function stateOf(arrival: Arrival) {
  return { ...SAVED, arrival };
}

export function arrivalOf(state: unknown): Arrival | null {
  return typeof state === 'object' && state !== null && 'arrival' in state ? (state.arrival as Arrival) : null;
}
