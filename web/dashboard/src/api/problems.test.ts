import { describe, expect, it } from 'vitest';
import { wordsOf } from '../i18n';
import { en } from '../i18n/en';
import { ofPassword, type Problem, seatsInUse, sortByField } from './problems';

const words = wordsOf('en', en, { region: 'en', choose: async () => {} });
const weak: Problem = {
  __typename: 'WeakPassword',
  message: 'Weak.',
  path: ['password'],
  weaknesses: ['TOO_SHORT'],
  minimumLength: 12,
  suggestions: [],
};
const taken: Problem = { __typename: 'EmailTaken', message: 'Taken.', path: ['email'] };
const full: Problem = { __typename: 'SeatLimitReached', message: 'Full.', path: [], seats: { used: 3, limit: 3 } };

describe('a password that was left empty', () => {
  it('is to be filled in, as any other field, and what else is wrong stays', () => {
    expect(sortByField(ofPassword([weak, taken], ''), ['password', 'email'], words)).toEqual({
      password: [en['invalid.EMPTY']],
      email: [en['problem.EmailTaken']],
    });
  });

  it('is none that is weak', () => {
    expect(sortByField(ofPassword([weak], 'abc'), ['password'], words).password?.[0]).toBe(en['problem.WeakPassword']);
  });
});

describe('a refusal', () => {
  it('says how many seats are in use, if that is what it is about', () => {
    expect([seatsInUse([taken, full]), seatsInUse([taken]), seatsInUse([])]).toEqual([3, null, null]);
  });
});
