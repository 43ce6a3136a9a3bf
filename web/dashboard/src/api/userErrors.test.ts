import { createClient, fetchExchange, gql } from 'urql';
import { beforeEach, expect, test, vi } from 'vitest';
import { cache } from './cache';
import { UserErrorFields } from './problems';

const RequestRecovery = gql`
  mutation RequestRecovery($input: RequestPasswordRecoveryInput!) {
    requestPasswordRecovery(input: $input) {
      userErrors {
        ...UserErrorFields
      }
    }
  }
  ${UserErrorFields}
`;

// In development, the cache warns about fields that only another kind of user error has.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

/** Sends a response of the server through the cache. */
async function through(userErrors: object[]) {
  const answer = { data: { requestPasswordRecovery: { __typename: 'RequestPasswordRecoveryPayload', userErrors } } };
  const client = createClient({
    url: 'https://chat.example.com/graphql',
    preferGetMethod: false,
    exchanges: [...cache(), fetchExchange],
    fetch: async () => Response.json(answer),
  });
  const { data } = await client.mutation(RequestRecovery, { input: { email: 'ada@example.com' } });
  return data?.requestPasswordRecovery?.userErrors;
}

test('a user error keeps its message and the fields of its kind', async () => {
  const told = { message: 'It is too long.', path: ['email'], invalid: 'TOO_LONG', most: 100 };
  expect(await through([{ __typename: 'InvalidInput', ...told }])).toEqual([{ __typename: 'InvalidInput', ...told }]);
});

test('a kind of user error that is newer than the dashboard keeps its message', async () => {
  const told = { message: 'Not on Sundays.', path: ['email'] };
  expect(await through([{ __typename: 'SundayRest', ...told }])).toEqual([{ __typename: 'UserError', ...told }]);
});
