// What a person has chosen on the plan page, and what follows from it.

export interface Offer {
  code: string;
  seatLimit?: number | null;
  seatMinimum: number;
  seatsAreBought: boolean;
}

/** The largest number that the API takes. */
const LARGEST = 2_147_483_647;

/**
 * How many seats the account would have. A number beyond what the API takes stands for the largest, which is as far beyond any ceiling,
 * so that the server says what the ceiling is. Null while what was typed is no number that the plan can have.
 */
export function seatsOf(offer: Offer, typed: string): number | null {
  if (!offer.seatsAreBought) {
    return offer.seatLimit ?? null;
  }
  if (!/^\d+$/.test(typed.trim())) {
    return null;
  }
  const seats = Math.min(Number(typed), LARGEST);
  return seats >= offer.seatMinimum && seats <= (offer.seatLimit ?? Number.POSITIVE_INFINITY) ? seats : null;
}

/** What to propose on a plan: as many seats as now, within what the plan allows. */
export function proposal(offer: Offer, seatsNow: number): string {
  return String(Math.max(offer.seatMinimum, Math.min(seatsNow, offer.seatLimit ?? seatsNow)));
}

/** How many active operators have no seat on the plan. */
export function surplus(used: number, seats: number | null): number {
  return seats === null ? 0 : Math.max(0, used - seats);
}
