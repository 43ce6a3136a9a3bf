// The user's choice on the plan page, and its effects.

export interface Offer {
  code: string;
  seatLimit?: number | null;
  seatMinimum: number;
  seatsAreBought: boolean;
}

/** The maximum of the API's `Int`. */
const LARGEST = 2_147_483_647;

/**
 * The number of seats after the change. A number above the API's maximum becomes that maximum,
 * which is also above every limit, so that the server reports the limit. Null if the plan cannot
 * have the typed number.
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

/** The default for a plan: the current number of seats, within the limits of the plan. */
export function proposal(offer: Offer, seatsNow: number): string {
  return String(Math.max(offer.seatMinimum, Math.min(seatsNow, offer.seatLimit ?? seatsNow)));
}

/** The number of active operators without a seat on the plan. */
export function surplus(used: number, seats: number | null): number {
  return seats === null ? 0 : Math.max(0, used - seats);
}

/** The current plan if it can have `seats` seats, otherwise the first that can. */
export function nextSize<One extends Offer>(offers: readonly One[], current: string, seats: number): One | undefined {
  const fits = offers.filter((offer) => (offer.seatLimit ?? Number.POSITIVE_INFINITY) >= seats);
  return fits.find(({ code }) => code === current) ?? fits[0];
}
