import { CombinedError } from 'urql';
import { expect, it } from 'vitest';
import { wordsOf } from '../i18n';
import { en } from '../i18n/en';
import { answerOf, faultsOf, reasonOf } from './answer';
import type { Problem } from './problems';

const words = wordsOf('en', en, { region: 'en', choose: async () => {} });
const taken: Problem = { __typename: 'EmailTaken', message: 'Taken.', path: ['input', 'email'] };
const closed: Problem = { __typename: 'SignUpClosed', message: 'Closed.', path: [] };

it('grants a mutation without errors', () => {
  const answer = answerOf({ signUp: { viewer: 'Ada', userErrors: [] } }, undefined);
  expect([answer.isGranted, answer.payload?.viewer]).toEqual([true, 'Ada']);
  expect([faultsOf(answer, ['email'], words), reasonOf(answer, words)]).toEqual([null, null]);
});

it('assigns user errors to the fields that the form has', () => {
  const answer = answerOf({ signUp: { viewer: null, userErrors: [taken, closed] } }, undefined);
  const [email, general] = [en['problem.EmailTaken'], en['problem.SignUpClosed']];
  expect(answer.isGranted).toBe(false);
  expect(faultsOf(answer, ['email'], words)).toEqual({ email: [email], '': [general] });
  expect(reasonOf(answer, words)).toBe(`${email} ${general}`);
});

it('reports a network error as a fault of no particular field', () => {
  const answer = answerOf(undefined, new CombinedError({ networkError: new Error('offline') }));
  expect([answer.isGranted, answer.payload, answer.problems]).toEqual([false, null, []]);
  expect(faultsOf(answer, ['email'], words)).toEqual({ '': [en['problem.unreachable']] });
});
