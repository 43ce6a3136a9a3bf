// Signs in, reads the operators page by page, uploads a photo, follows changes, and
// signs out:
//   npm start -- http://127.0.0.1:8080
import { readFileSync } from 'node:fs';
import {
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getRequest,
  getSingularSelector,
  requestSubscription,
} from 'relay-runtime';
import WebSocket from 'ws';
import { connect } from './environment.js';
import { Activate, Changes, Deactivate, List, Operators, OperatorsPage, SetPhoto } from './operators.js';
import { SignIn, SignOut, Viewer } from './session.js';

const [base = 'http://127.0.0.1:8080'] = process.argv.slice(2);
const url = new URL('/graphql', base).href;

const token = await signIn();
let onSessionEnd;
const ended = new Promise((resolve) => {
  onSessionEnd = resolve;
});
const { environment, close } = connect({ url, token, webSocketImpl: WebSocket, onSessionEnd });
const { viewer } = await ask(Viewer);
console.log(`signed in as ${viewer.name}`);

// What `useLazyLoadQuery` and `usePaginationFragment` do for a component: keep the query in the
// store, read the fragment from it, and fetch further pages into the same connection.
const { account } = await ask(Operators);
const list = getSingularSelector(List, account);
const rows = () => environment.lookup(list).data.operators.edges.map(({ node }) => node);
const { pageInfo } = environment.lookup(list).data.operators;
printList();
await ask(OperatorsPage, { id: account.id, after: pageInfo.endCursor });
printList();
const [first, second] = rows().filter(({ isActive }) => !isActive);

const photo = new File([readFileSync(new URL('../photo.jpg', import.meta.url))], 'photo.jpg', { type: 'image/jpeg' });
const { setOperatorPhoto } = await mutate(SetPhoto, { input: { operatorId: viewer.id } }, { uploadables: { photo } });
console.log(`photo uploaded: ${setOperatorPhoto.operator.photo.width} pixels wide`);

let seats;
let look = () => {};
requestSubscription(environment, {
  subscription: Changes,
  variables: {},
  onNext({ account }) {
    ({ seats } = account);
    look();
  },
  // The end of the session has its own event.
  onError: (error) => error.code === 4403 || console.error('the subscription ended', error),
});
const { used } = await until(() => true);
await change(Activate, first);
await until((now) => now.used === used + 1);
console.log(`the subscription reports ${seats.used} of ${seats.limit} seats in use`);
printList();
await change(Activate, second);
await change(Deactivate, first);
await until((now) => now.used === used);

await mutate(SignOut, {});
console.log('signed out');
await ended;
console.log('the session has ended');
await ask(Viewer).catch(({ code }) => console.log(`refused: ${code}`));
close();

/** Signs in with an environment that has no session yet. */
async function signIn() {
  const { environment } = connect({ url, webSocketImpl: WebSocket });
  const input = { email: 'ada@acme.example', password: 'correct-horse-desk-bell', transport: 'TOKEN' };
  const { signIn } = await mutate(SignIn, { input }, { on: environment });
  return signIn.token;
}

function ask(query, variables = {}) {
  environment.retain(createOperationDescriptor(getRequest(query), variables));
  return fetchQuery(environment, query, variables).toPromise();
}

function mutate(mutation, variables, { on = environment, ...options } = {}) {
  return new Promise((onCompleted, onError) => {
    commitMutation(on, { mutation, variables, ...options, onCompleted, onError });
  });
}

async function change(mutation, { id, name }) {
  const [{ operator, userErrors }] = Object.values(await mutate(mutation, { input: { operatorId: id } }));
  for (const { __typename, message, seats } of userErrors) {
    console.log(`${__typename}: ${message}${seats ? ` (${seats.used} of ${seats.limit})` : ''}`);
  }
  if (operator) {
    console.log(`${name} is ${operator.isActive ? 'active' : 'inactive'}`);
  }
}

function printList() {
  const names = rows().map(({ name, isActive }) => (isActive ? `${name} (active)` : name));
  console.log(`operators: ${names.join(', ')}`);
}

/** The seats in use, as soon as they are right. */
function until(isRight) {
  return new Promise((resolve) => {
    look = () => seats && isRight(seats) && resolve(seats);
    look();
  });
}
