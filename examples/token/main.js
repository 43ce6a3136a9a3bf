// Signs in, reads the operators page by page, follows changes, and signs out:
//   npm start -- http://127.0.0.1:8080
import { Deskbell } from './deskbell.js';

const [base = 'http://127.0.0.1:8080'] = process.argv.slice(2);
const deskbell = new Deskbell(base);

const viewer = await deskbell.signIn('ada@acme.example', 'correct-horse-desk-bell');
console.log(`signed in as ${viewer.name}`);

const operators = await allOperators();
console.log(`operators: ${operators.map(({ name }) => name).join(', ')}`);
const { account } = await deskbell.ask('{ account { widgetKey } }');

// Each item is the complete state, so there is nothing to catch up on after a lost connection.
const seats = deskbell.overSocket('subscription { account { seats { used limit } } }');
const availability = deskbell.overStream(
  'subscription ($key: String!) { availability(widgetKey: $key) { operators { publicName } } }',
  { key: account.widgetKey },
);
await printChanges();

const [first, second] = operators.filter(({ isActive }) => !isActive);
await setActive('activateOperator', first);
await printChanges();
await setActive('activateOperator', second);
await setActive('deactivateOperator', first);
await printChanges();

await deskbell.signOut();
console.log('signed out');
await seats.next().catch(({ code, reason }) => console.log(`socket closed: ${code} ${reason}`));
const { value } = await availability.next();
console.log(`stream ended: ${value.errors[0].extensions.code}`);
await deskbell.ask('{ viewer { name } }').catch(({ code }) => console.log(`token refused: ${code}`));

async function allOperators() {
  const found = [];
  for (let after = null, hasMore = true; hasMore; ) {
    const { account } = await deskbell.ask(
      `query Operators($after: String) {
        account {
          operators(first: 2, after: $after) {
            nodes { id name isActive }
            pageInfo { endCursor hasNextPage }
          }
        }
      }`,
      { after },
    );
    const { nodes, pageInfo } = account.operators;
    found.push(...nodes);
    after = pageInfo.endCursor;
    hasMore = pageInfo.hasNextPage;
  }
  return found;
}

/** A problem that a person can solve is a typed user error of the payload, not a GraphQL error. */
async function setActive(field, { id, name }) {
  const { [field]: payload } = await deskbell.ask(
    `mutation Change($id: ID!) {
      ${field}(input: { operatorId: $id }) {
        operator { isActive }
        userErrors { __typename message ... on SeatLimitReached { seats { used limit } } }
      }
    }`,
    { id },
  );
  for (const { __typename, message, seats } of payload.userErrors) {
    console.log(`${field} ${name}: ${__typename}: ${message}${seats ? ` (${seats.used} of ${seats.limit})` : ''}`);
  }
  if (payload.operator) {
    console.log(`${field} ${name}: ${payload.operator.isActive ? 'active' : 'inactive'}`);
  }
}

async function printChanges() {
  const [ofAccount, ofVisitors] = [await seats.next(), await availability.next()].map(({ value }) => value.data);
  console.log(`socket: ${ofAccount.account.seats.used} of ${ofAccount.account.seats.limit} seats in use`);
  console.log(`stream: available are ${ofVisitors.availability.operators.map((o) => o.publicName).join(', ')}`);
}
