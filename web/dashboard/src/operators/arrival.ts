// What the page of a new operator receives from the page that added them: state of the navigation,
// shown once.
import type { Faults } from '../api/problems';
import { SAVED } from '../ui/Unsaved';

export interface Arrival {
  /**
   * The number of seats, if the operator was not activated because all are in use; otherwise null.
   */
  noSeat: number | null;
  /** That the operator was added. The dialog about the seat shows it. */
  news: string;
  /** Why the photo was rejected. */
  faults: Faults;
  /** The photo, to send it again. */
  photo?: Blob;
}

export function stateOf(arrival: Arrival) {
  return { ...SAVED, arrival };
}

export function arrivalOf(state: unknown): Arrival | null {
  return typeof state === 'object' && state !== null && 'arrival' in state ? (state.arrival as Arrival) : null;
}
