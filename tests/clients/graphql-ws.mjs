// The npm client `graphql-ws`: graphql-transport-ws as most front ends use it.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  activate, AVAILABILITY, check, checkAvailability, checkWrong, deactivate, next, same, signUp, socketEndpoint, story, within,
  WRONG,
} from './server.mjs';

let opened = 0;

function connect(connectionParams) {
  return createClient({
    url: socketEndpoint,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    // One socket for the whole story, to check the effect of each operation on it.
    lazyCloseTimeout: 60_000,
    on: { opened: () => (opened += 1) },
  });
}

/** The only result of a query. Checks that the server then completed the operation. */
async function once(client, payload) {
  const results = client.iterate(payload);
  const result = await next(results, 'the result');
  const { done } = await within(results.next(), 'complete');
  check(done, 'a query has one result');
  return result;
}

await story('graphql-ws', 8, async (step) => {
  const ada = await signUp();

  const visitor = connect();
  const plans = await once(visitor, { query: '{ plans { code } viewer { id } }' });
  check(plans.data.plans.some(({ code }) => code === 'FREE'), JSON.stringify(plans));
  same(plans.data.viewer, null, 'the anonymous viewer');
  step('a query over the socket has a result and completes');

  await within(
    once(visitor, { query: WRONG }).then(
      (result) => check(false, `a wrong document had a result: ${JSON.stringify(result)}`),
      (errors) => checkWrong(errors),
    ),
    'the error',
  );
  step('an invalid document gets an error message');

  const availability = visitor.iterate({ query: AVAILABILITY, variables: { widgetKey: ada.widgetKey } });
  const first = checkAvailability(await next(availability, 'the first state'), true, ada, 'the first state');
  step('a subscription starts with the current state');

  const sooner = next(availability, 'the state after a change');
  await deactivate(ada);
  const second = checkAvailability(await sooner, false, ada, 'after deactivation');
  check(second > first, `version ${second} does not follow ${first}`);
  step('and continues after a change');

  const later = next(availability, 'the state after the next change');
  await activate(ada);
  const third = checkAvailability(await later, true, ada, 'after activation');
  check(third > second, `version ${third} does not follow ${second}`);
  step('and after the next change');

  await within(availability.return(), 'the end');
  same((await once(visitor, { query: '{ __typename }' })).data, { __typename: 'Query' }, 'after complete');
  same(opened, 1, 'sockets so far');
  step('completing it leaves the socket usable, as all operations before');

  const signedIn = connect({ authorization: `Bearer ${ada.token}` });
  same(
    (await once(signedIn, { query: '{ viewer { id name } }' })).data,
    { viewer: { id: ada.operatorId, name: ada.name } },
    'the viewer with a bearer token',
  );
  step('a bearer token in connection_init signs in');

  const unknown = visitor.iterate({ query: AVAILABILITY, variables: { widgetKey: 'no-such-key' } });
  const codes = await within(
    unknown.next().then(
      ({ value }) => value?.errors,
      (errors) => errors,
    ),
    'the refusal',
  );
  same(codes?.map(({ extensions }) => extensions?.code), ['NOT_FOUND'], 'an unknown widget key');
  step('an unknown widget key is an error with a code');
});
