import { type Client, createClient, type Exchange, gql, makeResult, type Operation, type OperationResult } from 'urql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { filter, makeSubject, merge, pipe, subscribe, tap } from 'wonka';
import { cache } from './cache';
import { ECHO_MS, inOrder } from './inOrder';

const Viewer = gql`query Viewer { viewer { id isActive } }`;
const Named = gql`query Named { viewer { id name isActive } }`;
const Changes = gql`subscription Changes { viewer { id isActive } }`;
const Activate = gql`
  mutation ActivateOperator($input: ActivateOperatorInput!) {
    activateOperator(input: $input) { operator { id isActive } userErrors { __typename } }
  }
`;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A dashboard, and a fake server: requests are answered by hand. */
function dashboard() {
  const asked: Operation[] = [];
  const server = makeSubject<OperationResult>();
  const byHand: Exchange = () => (operations) => {
    const unanswered = pipe(
      operations,
      tap((operation) => operation.kind !== 'teardown' && asked.push(operation)),
      filter(() => false),
    );
    return merge([unanswered as never, server.source]);
  };
  const client = createClient({
    url: 'https://chat.example.com/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [...inOrder(cache()), byHand],
  });
  const tell = async (query: typeof Viewer, data: Record<string, unknown>) => {
    const name = (query.definitions[0] as { name: { value: string } }).name.value;
    const operation = asked.findLast((one) => JSON.stringify(one.query.definitions[0]).includes(`"${name}"`));
    server.next(makeResult(operation as Operation, { data }));
    await vi.advanceTimersByTimeAsync(0);
  };
  const viewer = (isActive: boolean) => ({ viewer: { __typename: 'Operator', id: '1', name: 'Ada', isActive } });
  return {
    client,
    answers: (query: typeof Viewer, isActive: boolean) => tell(query, viewer(isActive)),
    pushes: (isActive: boolean) => tell(Changes, viewer(isActive)),
    grants: (isActive: boolean) => {
      const operator = { __typename: 'Operator', id: '1', isActive };
      return tell(Activate, {
        activateOperator: { __typename: 'ActivateOperatorPayload', operator, userErrors: [] },
      });
    },
  };
}

/** Records what a page with this query shows at each render. */
function show(client: Client, query: typeof Viewer) {
  const seen: (boolean | undefined)[] = [];
  pipe(
    client.query(query, {}),
    subscribe(({ data }) => seen.push(data?.viewer?.isActive)),
  );
  return seen;
}

/** Counts the results of a subscription. */
function follow(client: Client) {
  const told = vi.fn();
  const { unsubscribe } = pipe(client.subscription(Changes, {}), subscribe(told));
  return { told, unsubscribe };
}

const activate = (client: Client) => client.mutation(Activate, { input: { operatorId: '1' } }).toPromise();

test('a response that is older than an update does not overwrite it', async () => {
  const { client, answers, pushes } = dashboard();
  const { told } = follow(client);
  const page = show(client, Viewer);
  await pushes(false);
  await pushes(true);
  await answers(Viewer, false);
  expect(page.at(-1)).toBe(true);
  expect(told.mock.calls.length).toBe(2);
});

test('nor does one of several responses, whichever comes last', async () => {
  const { client, answers, pushes } = dashboard();
  follow(client);
  const [page, other] = [show(client, Viewer), show(client, Named)];
  await pushes(true);
  await answers(Named, false);
  await answers(Viewer, false);
  expect([page.at(-1), other.at(-1)]).toEqual([true, true]);
});

test('the response to a query after an update counts', async () => {
  const { client, answers, pushes } = dashboard();
  const { told } = follow(client);
  await pushes(true);
  const page = show(client, Viewer);
  await answers(Viewer, false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(page.at(-1)).toBe(false);
  expect(told.mock.calls.length).toBe(1);
});

test('an ended subscription overwrites nothing', async () => {
  const { client, answers, pushes } = dashboard();
  const { unsubscribe } = follow(client);
  const page = show(client, Viewer);
  await pushes(true);
  unsubscribe();
  await answers(Viewer, false);
  expect(page.at(-1)).toBe(false);
});

test("another operator's change after an own change shows, even if it arrives before the response", async () => {
  const { client, answers, pushes, grants } = dashboard();
  follow(client);
  const page = show(client, Viewer);
  await answers(Viewer, false);
  void activate(client);
  await pushes(false);
  await grants(true);
  expect(page.at(-1)).toBe(true);
  await vi.advanceTimersByTimeAsync(ECHO_MS);
  expect(page.at(-1)).toBe(false);
});

test('the state before an own change does not show again', async () => {
  const { client, answers, pushes, grants } = dashboard();
  const { told } = follow(client);
  const page = show(client, Viewer);
  await answers(Viewer, false);
  void activate(client);
  const before = page.length;
  await pushes(false);
  await grants(true);
  await vi.advanceTimersByTimeAsync(ECHO_MS - 1);
  await pushes(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(new Set(page.slice(before))).toEqual(new Set([true]));
  expect(told.mock.calls.length).toBe(2);
});
