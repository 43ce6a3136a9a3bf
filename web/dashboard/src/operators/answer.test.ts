import { CombinedError } from 'urql';
import { describe, expect, it } from 'vitest';
import { answerOf } from '../api/answer';
import type { Problem } from '../api/problems';
import { wordsOf } from '../i18n';
import { en } from '../i18n/en';
import { profileFaultsOf, summaryOf, together } from './answer';

const words = wordsOf('en', en, { region: 'en', choose: async () => {} });
const read = (userErrors: readonly Problem[], own = '') =>
  profileFaultsOf(answerOf({ updateOperator: { userErrors } }, undefined), own, words);

const taken: Problem = { __typename: 'EmailTaken', message: 'Taken.', path: ['email'] };
const gone: Problem = { __typename: 'OperatorNotFound', message: 'Gone.', path: ['operatorId'] };
const owner: Problem = { __typename: 'OwnerRequired', message: 'Owner.', path: ['operatorId'] };

describe('the faults of a response', () => {
  it('are null when it succeeded', () => {
    expect(read([])).toBeNull();
  });

  it('are assigned to their fields', () => {
    expect(read([taken])).toEqual({ email: [en['problem.EmailTaken']] });
  });

  it('without a field go to the field of the mutation', () => {
    expect(read([owner], 'accessLevel')).toEqual({ accessLevel: [en['problem.OwnerRequired']] });
    expect(read([gone], 'photo')).toEqual({ '': [en['problem.OperatorNotFound']] });
  });

  it('cover a missing response', () => {
    const error = new CombinedError({ networkError: new Error('offline') });
    expect(profileFaultsOf(answerOf({ setOperatorPhoto: null }, error), 'photo', words)).toEqual({
      photo: [en['problem.unreachable']],
    });
  });
});

describe('the faults of several responses', () => {
  it('are merged without duplicates', () => {
    const all = together([{ '': ['Gone.'] }, { '': ['Gone.'], email: ['Taken.'] }, {}]);
    expect(all).toEqual({ '': ['Gone.'], email: ['Taken.'] });
  });
});

describe('the summary above a form', () => {
  it('has the general faults, and says that fields have faults', () => {
    expect(summaryOf({}, words)).toBe('');
    expect(summaryOf({ photo: [] }, words)).toBe('');
    expect(summaryOf({ email: ['Taken.'] }, words)).toBe(en['form.faults']);
    expect(summaryOf({ '': ['Gone.'], email: ['Taken.'] }, words)).toBe(`Gone. ${en['form.faults']}`);
  });
});
