// Shared by all clients: the server's address, a new account, and assertions.
import { randomBytes } from 'node:crypto';
import { check, same, within } from './check.mjs';

export { check, same, within };

/** The server under test, from the first argument: `http://127.0.0.1:8080`. */
export const base = readBase();
export const endpoint = new URL('/graphql', base).href;
export const socketEndpoint = endpoint.replace(/^http/, 'ws');

const DEADLINE_MS = 10_000;

function readBase() {
  const [address] = process.argv.slice(2);
  if (!address || !URL.canParse(address)) {
    console.error(`usage: node ${process.argv[1]?.split('/').pop()} http://HOST:PORT`);
    process.exit(2);
  }
  return new URL(address).origin;
}

/** Runs a client's story. Exceptions and missing steps are failures. */
export async function story(name, expectedSteps, tell) {
  let steps = 0;
  const step = (text) => {
    steps += 1;
    console.log(`  ok ${steps} ${text}`);
  };
  console.log(`${name} against ${base}`);
  try {
    await tell(step);
    check(steps === expectedSteps, `expected ${expectedSteps} steps, got ${steps}`);
    console.log(`${name}: ${steps} passed`);
    process.exit(0);
  } catch (error) {
    console.error(`  FAILED after step ${steps}: ${error?.stack ?? JSON.stringify(error)}`);
    process.exit(1);
  }
}

/** The next item of an async iterator. Fails at its end. */
export async function next(iterator, what) {
  const { value, done } = await within(iterator.next(), what);
  check(!done, `${what}: the stream ended instead`);
  return value;
}

/** Sends one request over HTTP. Returns `data`, and fails on any GraphQL error. */
export async function ask(query, variables = {}, token = null) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const answer = await response.json();
  check(response.ok && !answer.errors, `HTTP ${response.status}: ${JSON.stringify(answer)}`);
  return answer.data;
}

/** Signs up a new company. Its owner is active and has the only seat. */
export async function signUp() {
  const unique = randomBytes(6).toString('hex');
  const person = {
    accountName: `Acme ${unique}`,
    name: `Ada ${unique}`,
    email: `ada.${unique}@example.com`,
    password: `trellis-${randomBytes(12).toString('base64url')}-umbra`,
  };
  const { signUp: payload } = await ask(
    `mutation SignUp($input: SignUpInput!) {
      signUp(input: $input) {
        token
        account { widgetKey }
        viewer { id }
        userErrors { __typename message path }
      }
    }`,
    { input: { ...person, transport: 'TOKEN' } },
  );
  same(payload.userErrors, [], 'user errors of signUp');
  const { token, account, viewer } = payload;
  check(token && account?.widgetKey && viewer?.id, `signUp answered ${JSON.stringify(payload)}`);
  return { ...person, token, widgetKey: account.widgetKey, operatorId: viewer.id };
}

const change = (field) => `mutation Change($operatorId: ID!) {
  ${field}(input: { operatorId: $operatorId }) {
    operator { isActive }
    userErrors { __typename message }
  }
}`;

async function setActive(field, { operatorId, token }, isActive) {
  const { [field]: payload } = await ask(change(field), { operatorId }, token);
  same(payload, { operator: { isActive }, userErrors: [] }, field);
}

export const activate = (person) => setActive('activateOperator', person, true);
export const deactivate = (person) => setActive('deactivateOperator', person, false);

export const AVAILABILITY = `subscription Availability($widgetKey: String!) {
  availability(widgetKey: $widgetKey) { isAvailable version operators { publicName } }
}`;

/**
 * Checks a result of `AVAILABILITY` for a new account with an active or inactive owner. Returns the
 * version.
 */
export function checkAvailability(result, isActive, { name }, what) {
  check(!result.errors, `${what}: ${JSON.stringify(result.errors)}`);
  const { isAvailable, version, operators } = result.data.availability;
  same({ isAvailable, operators }, { isAvailable: isActive, operators: isActive ? [{ publicName: name }] : [] }, what);
  check(Number.isInteger(version), `${what}: version is ${version}`);
  return version;
}

/** A document with an unknown field. */
export const WRONG = '{ noSuchField }';

/** Checks that these are GraphQL errors about the field of `WRONG`. */
export function checkWrong(errors) {
  check(Array.isArray(errors) && errors.length > 0, `not a list of errors: ${JSON.stringify(errors)}`);
  check(
    errors.some(({ message }) => message.includes('noSuchField')),
    `no error names the field: ${JSON.stringify(errors)}`,
  );
}
