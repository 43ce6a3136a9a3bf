import { describe, expect, it } from 'vitest';
import { type Problem, seatsInUse } from './problems';

const taken: Problem = { __typename: 'EmailTaken', message: 'Taken.', path: ['email'] };
const full: Problem = { __typename: 'SeatLimitReached', message: 'Full.', path: [], seats: { used: 3, limit: 3 } };

describe('a refusal', () => {
  it('says how many seats are in use, if that is what it is about', () => {
    expect([seatsInUse([taken, full]), seatsInUse([taken]), seatsInUse([])]).toEqual([3, null, null]);
  });
});
