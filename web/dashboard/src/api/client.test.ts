import { gql } from 'urql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connect } from './client';

const Names = gql`query Names { account { id name } }`;
const List = gql`
  query List($after: String) { account { id operators(first: 2, after: $after) { nodes { id } } } }
`;
const Activate = gql`
  mutation Activate($input: ActivateOperatorInput!) {
    activateOperator(input: $input) { operator { id isActive } userErrors { __typename } }
  }
`;
const Viewer = gql`query Viewer { viewer { id isActive } }`;

const acme = { account: { __typename: 'Account', id: '1', name: 'Acme' } };
const ada = { viewer: { __typename: 'Operator', id: '1', isActive: false } };
const failed = (path: string[]) => [{ message: '', path, extensions: { code: 'BAD_USER_INPUT' } }];

beforeEach(() => {
  vi.stubGlobal('location', new URL('https://chat.example.com/'));
  // No subscriptions in this test.
  vi.stubGlobal('WebSocket', Object.assign(vi.fn(), { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }));
});
afterEach(() => vi.unstubAllGlobals());

/** The dashboard's client, and a fake server with the responses in order. */
function dashboard(...answers: object[]) {
  const fetch = vi.fn(async () => Response.json(answers.shift()));
  vi.stubGlobal('fetch', fetch);
  const onEnded = vi.fn();
  const { client } = connect({ onEnded, onLive: () => {} });
  return { client, fetch, onEnded };
}

test('an error within the account does not mean that there is no account', async () => {
  const { client, fetch, onEnded } = dashboard(
    { data: acme },
    { data: { account: null }, errors: failed(['account', 'operators']) },
    { data: { account: null }, errors: failed(['account', 'operators', 'nodes']) },
  );
  await client.query(Names, {}).toPromise();
  for (const after of ['junk', 'rubbish']) {
    const { error } = await client.query(List, { after }).toPromise();
    expect(error?.graphQLErrors.length).toBe(1);
  }
  const { data } = await client.query(Names, {}, { requestPolicy: 'cache-first' }).toPromise();
  expect([data?.account?.name, fetch.mock.calls.length, onEnded.mock.calls.length]).toEqual(['Acme', 3, 0]);
});

test('a missing account ends the session', async () => {
  const { client, onEnded } = dashboard({ data: { account: null } });
  await client.query(Names, {}).toPromise();
  expect(onEnded).toHaveBeenCalled();
});

test('an optimistic update is rolled back when the server fails, and the session continues', async () => {
  const { client, onEnded } = dashboard(
    { data: ada },
    { data: { activateOperator: null }, errors: failed(['activateOperator']) },
  );
  const shown: boolean[] = [];
  await client.query(Viewer, {}).toPromise();
  client.query(Viewer, {}, { requestPolicy: 'cache-first' }).subscribe(({ data }) => shown.push(data.viewer.isActive));
  const { error } = await client.mutation(Activate, { input: { operatorId: '1' } }).toPromise();
  await vi.waitFor(() => expect(shown).toEqual([false, true, false]));
  expect([error?.graphQLErrors.length, onEnded.mock.calls.length]).toEqual([1, 0]);
});
