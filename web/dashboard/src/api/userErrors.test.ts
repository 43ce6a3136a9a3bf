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

// Outside of production the cache warns of what a refusal of one kind has no need of, because another has it.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

/** What comes through the cache of what the server answers. */
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

test('a refusal keeps its text, and what its kind tells beside that', async () => {
  const told = { message: 'It is too long.', path: ['email'], invalid: 'TOO_LONG', most: 100 };
  expect(await through([{ __typename: 'InvalidInput', ...told }])).toEqual([{ __typename: 'InvalidInput', ...told }]);
});

test('a refusal of a kind that came after this version keeps its text', async () => {
  const told = { message: 'Not on Sundays.', path: ['email'] };
  expect(await through([{ __typename: 'SundayRest', ...told }])).toEqual([{ __typename: 'UserError', ...told }]);
});
