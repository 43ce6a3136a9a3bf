import { CombinedError } from 'urql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { wordsOf } from '../i18n';
import { en } from '../i18n/en';
import { type Problem, seatsInUse, trouble } from './problems';

const taken: Problem = { __typename: 'EmailTaken', message: 'Taken.', path: ['email'] };
const full: Problem = { __typename: 'SeatLimitReached', message: 'Full.', path: [], seats: { used: 3, limit: 3 } };

describe('a user error', () => {
  it('reports how many seats are in use, if it is about seats', () => {
    expect([seatsInUse([taken, full]), seatsInUse([taken]), seatsInUse([])]).toEqual([3, null, null]);
  });
});

describe('a coded error', () => {
  const words = wordsOf('en', en, { region: 'en', choose: async () => {} });
  const refused = (extensions: object) =>
    trouble(new CombinedError({ graphQLErrors: [{ message: '', extensions }] as never }), words);

  afterEach(() => vi.unstubAllGlobals());

  it('is explained by access level, request rate, or the address of the dashboard', () => {
    vi.stubGlobal('location', new URL('http://192.168.1.20:8080/sign-in'));
    expect(refused({ code: 'FORBIDDEN' })).toBe('Your access level does not allow this.');
    expect(refused({ code: 'TOO_MANY_REQUESTS' })).toContain('Too many requests');
    expect(refused({ code: 'INTERNAL_SERVER_ERROR' })).toContain('Something went wrong on the server.');
    const said = refused({ code: 'FORBIDDEN', reason: 'FOREIGN_ORIGIN' });
    expect(said).toContain('open at http://192.168.1.20:8080,');
    expect(said).toContain('DESKBELL_ALLOWED_ORIGINS');
  });
});
