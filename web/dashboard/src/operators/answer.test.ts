import { CombinedError } from 'urql';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../api/problems';
import { wordsOf } from '../i18n';
import { en } from '../i18n/en';
import { faultsOf, summaryOf, together } from './answer';

const words = wordsOf('en', en, { region: 'en', choose: async () => {} });
const read = (userErrors: readonly Problem[], own = '') =>
  faultsOf({ data: { payload: { userErrors } } }, (data) => data.payload, own, words);

const taken: Problem = { __typename: 'EmailTaken', message: 'Taken.', path: ['email'] };
const gone: Problem = { __typename: 'OperatorNotFound', message: 'Gone.', path: ['operatorId'] };
const owner: Problem = { __typename: 'OwnerRequired', message: 'Owner.', path: ['operatorId'] };

describe('an answer', () => {
  it('has no faults when all was granted', () => {
    expect(read([])).toBeNull();
  });

  it('puts each fault to its field', () => {
    expect(read([taken])).toEqual({ email: [en['problem.EmailTaken']] });
  });

  it('puts what names no field to the one that was asked for', () => {
    expect(read([owner], 'accessLevel')).toEqual({ accessLevel: [en['problem.OwnerRequired']] });
    expect(read([gone], 'photo')).toEqual({ '': [en['problem.OperatorNotFound']] });
  });

  it('may not have come at all', () => {
    const error = new CombinedError({ networkError: new Error('offline') });
    expect(faultsOf({ error }, () => null, 'photo', words)).toEqual({ photo: [en['problem.unreachable']] });
  });
});

describe('several answers', () => {
  it('say all that is wrong, and nothing twice', () => {
    const all = together([{ '': ['Gone.'] }, { '': ['Gone.'], email: ['Taken.'] }, {}]);
    expect(all).toEqual({ '': ['Gone.'], email: ['Taken.'] });
  });
});

describe('what stands above a form', () => {
  it('is what no field says, and that fields say something', () => {
    expect(summaryOf({}, words)).toBe('');
    expect(summaryOf({ photo: [] }, words)).toBe('');
    expect(summaryOf({ email: ['Taken.'] }, words)).toBe(en['form.faults']);
    expect(summaryOf({ '': ['Gone.'], email: ['Taken.'] }, words)).toBe(`Gone. ${en['form.faults']}`);
  });
});
