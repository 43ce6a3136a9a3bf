// The npm client `graphql-sse` in distinct-connections mode: for proxies that break WebSockets.
import { createClient } from 'graphql-sse';
import {
  activate, AVAILABILITY, check, checkAvailability, checkWrong, deactivate, endpoint, next, same, signUp, story, within, WRONG,
} from './server.mjs';

function connect(headers = {}) {
  return createClient({ url: endpoint, singleConnection: false, retryAttempts: 0, headers });
}

/** The only result of a query. Checks that the server then completed the operation. */
async function once(client, payload) {
  const results = client.iterate(payload);
  const result = await next(results, 'the result');
  const { done } = await within(results.next(), 'complete');
  check(done, 'a query has one result');
  return result;
}

await story('graphql-sse', 7, async (step) => {
  const ada = await signUp();

  const visitor = connect();
  const plans = await once(visitor, { query: '{ plans { code } viewer { id } }' });
  check(plans.data.plans.some(({ code }) => code === 'FREE'), JSON.stringify(plans));
  same(plans.data.viewer, null, 'the anonymous viewer');
  step('a query over server-sent events has a result and completes');

  // The protocol allows a 4xx response, which the client throws, or errors in the stream.
  const refused = await within(
    once(visitor, { query: WRONG }).then(
      async ({ data, errors }) => {
        check(!data, `a wrong document had data: ${JSON.stringify(data)}`);
        return errors;
      },
      async (error) => {
        const { response } = error;
        check(response?.status >= 400 && response.status < 500, `not a refusal: ${error}`);
        return (await response.json()).errors;
      },
    ),
    'the error',
  );
  checkWrong(refused);
  step('an invalid document gets errors');

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
  same((await once(visitor, { query: '{ __typename }' })).data, { __typename: 'Query' }, 'after the end');
  step('it can be cancelled, and the server answers other requests');

  const signedIn = connect({ authorization: `Bearer ${ada.token}` });
  same(
    (await once(signedIn, { query: '{ viewer { id name } }' })).data,
    { viewer: { id: ada.operatorId, name: ada.name } },
    'the viewer with a bearer token',
  );
  step('a bearer token signs in');

  visitor.dispose();
  signedIn.dispose();
});
