import { CombinedError } from 'urql';
import { expect, test } from 'vitest';
import { endsSession } from './sessionEnd';

const refused = (code: string) => new CombinedError({ graphQLErrors: [{ message: '', extensions: { code } }] });

test('a session has ended when a response is anonymous, and not after other errors', () => {
  expect(endsSession({ data: { account: null, plans: [] } })).toBe(true);
  expect(endsSession({ data: { viewer: null } })).toBe(true);
  expect(endsSession({ data: null, error: refused('UNAUTHENTICATED') })).toBe(true);

  expect(endsSession({ data: { viewer: { id: '1' } } })).toBe(false);
  expect(endsSession({ data: { node: null, server: {} } })).toBe(false);
  expect(endsSession({ data: { account: null }, error: refused('INTERNAL_SERVER_ERROR') })).toBe(false);
  expect(endsSession({ data: undefined, error: new CombinedError({ networkError: new Error('away') }) })).toBe(false);
});
