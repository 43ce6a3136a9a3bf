import { describe, expect, it } from 'vitest';
import { nextSize, type Offer, proposal, seatsOf, surplus } from './choice';

const free: Offer = { code: 'FREE', seatLimit: 1, seatMinimum: 1, seatsAreBought: false };
const mini: Offer = { code: 'MINI', seatLimit: 3, seatMinimum: 1, seatsAreBought: true };
const pro: Offer = { code: 'PRO', seatLimit: null, seatMinimum: 5, seatsAreBought: true };

describe('the seats of a plan', () => {
  it('are fixed where none can be bought', () => {
    expect(seatsOf(free, '7')).toBe(1);
  });

  it('are the typed number, within the limits of the plan', () => {
    expect(['1', '3', ' 2 '].map((typed) => seatsOf(mini, typed))).toEqual([1, 3, 2]);
    expect(['0', '4', '', '-1', '1.5', '1e3', 'two', '99999999999'].map((typed) => seatsOf(mini, typed))).toEqual(
      Array(8).fill(null),
    );
    expect(['4', '5', '100000'].map((typed) => seatsOf(pro, typed))).toEqual([null, 5, 100_000]);
  });

  it("are capped at the API's maximum, so that the server reports its limit", () => {
    expect(['99999999999', '9'.repeat(400)].map((typed) => seatsOf(pro, typed))).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
  });

  it('default to the current number, within the limits of the plan', () => {
    expect([proposal(mini, 2), proposal(mini, 9), proposal(pro, 2), proposal(pro, 9)]).toEqual(['2', '3', '5', '9']);
  });
});

describe('the operators without a seat', () => {
  it('are counted once the number of seats is known', () => {
    expect([surplus(3, 1), surplus(1, 3), surplus(3, null)]).toEqual([2, 0, 0]);
  });
});

describe('the next size', () => {
  const next = (current: string, seats: number, offers = [free, mini, pro]) => nextSize(offers, current, seats)?.code;

  it('is on the current plan, if it can have as many seats', () => {
    expect([next('FREE', 1), next('MINI', 3), next('PRO', 2)]).toEqual(['FREE', 'MINI', 'PRO']);
  });

  it('is otherwise the first plan that is large enough', () => {
    expect([next('FREE', 2), next('MINI', 4), next('FREE', 4)]).toEqual(['MINI', 'PRO', 'PRO']);
  });

  it('does not exist if no plan is large enough', () => {
    expect(next('FREE', 4, [free, mini])).toBeUndefined();
  });
});
