// Signs in, reads the operators page by page, uploads a photo, follows changes, and signs out:
//   npm start -- http://127.0.0.1:8080
import { readFileSync } from 'node:fs';
import { filter, map, pipe, share, subscribe, take, toPromise } from 'wonka';
import WebSocket from 'ws';
import { connect } from './client.js';
import { ACTIVATE, CHANGES, DEACTIVATE, OPERATORS, SET_PHOTO, SIGN_IN, SIGN_OUT, VIEWER } from './documents.js';

const [base = 'http://127.0.0.1:8080'] = process.argv.slice(2);
const url = new URL('/graphql', base).href;

const token = await signIn();
let onSessionEnd;
const ended = new Promise((resolve) => {
  onSessionEnd = resolve;
});
const { client, close } = connect({ url, token, webSocketImpl: WebSocket, onSessionEnd });
const { data } = await client.query(VIEWER, {});
console.log(`signed in as ${data.viewer.name}`);

let page = await operators(null);
while (page.pageInfo.hasNextPage) {
  page = await operators(page.pageInfo.endCursor);
}

// An error of a query leaves the cache as it was.
const { error: mistake } = await client.query(OPERATORS, { after: 'no cursor' });
console.log(`a wrong cursor: ${mistake.graphQLErrors[0].extensions.code}`);

// A `File` or `Blob` in the variables makes the request multipart.
const photo = new File([readFileSync(new URL('../photo.jpg', import.meta.url))], 'photo.jpg', { type: 'image/jpeg' });
const uploaded = await client.mutation(SET_PHOTO, { input: { operatorId: data.viewer.id, photo } });
console.log(`photo uploaded: ${uploaded.data.setOperatorPhoto.operator.photo.width} pixels wide`);

const changes = pipe(
  client.subscription(CHANGES, {}),
  filter(({ error }) => !error),
  map(({ data }) => data.account.seats),
  share,
);
let seats;
pipe(
  changes,
  subscribe((now) => {
    seats = now;
  }),
);
const { used } = await until(() => true);
const [first, second] = page.nodes.filter(({ isActive }) => !isActive);
await change(ACTIVATE, first);
await until((now) => now.used === used + 1);
console.log(`the subscription reports ${seats.used} of ${seats.limit} seats in use`);
await change(ACTIVATE, second);
await change(DEACTIVATE, first);
await until((now) => now.used === used);

await client.mutation(SIGN_OUT, {});
console.log('signed out');
await ended;
console.log('the session has ended');
const { error } = await client.query(VIEWER, {}, { requestPolicy: 'network-only' });
console.log(`refused: ${error.graphQLErrors[0].extensions.code}`);
close();

/** Signs in with a client that has no session yet. */
async function signIn() {
  const { client } = connect({ url, webSocketImpl: WebSocket });
  const input = { email: 'ada@acme.example', password: 'correct-horse-desk-bell', transport: 'TOKEN' };
  const { data } = await client.mutation(SIGN_IN, { input });
  return data.signIn.token;
}

/** The operators up to the end of a page. The cache joins the pages. */
async function operators(after) {
  const { data } = await client.query(OPERATORS, { after });
  const { nodes } = data.account.operators;
  console.log(`operators: ${nodes.map(({ name, isActive }) => (isActive ? `${name} (active)` : name)).join(', ')}`);
  return data.account.operators;
}

/** Prints what a list shows during the mutation: the optimistic update first. */
async function change(mutation, { id, name }) {
  const shown = [];
  const list = client.query(OPERATORS, { after: null }, { requestPolicy: 'cache-only' });
  const { unsubscribe } = pipe(
    list,
    map(({ data }) => data.account.operators.nodes.find((operator) => operator.id === id).isActive),
    filter((isActive) => isActive !== shown.at(-1)),
    subscribe((isActive) => shown.push(isActive)),
  );
  const { data } = await client.mutation(mutation, { input: { operatorId: id } });
  unsubscribe();
  const [{ userErrors }] = Object.values(data);
  for (const { __typename, message, seats } of userErrors) {
    console.log(`${__typename}: ${message}${seats ? ` (${seats.used} of ${seats.limit})` : ''}`);
  }
  console.log(`the list showed ${name}: ${shown.map((isActive) => (isActive ? 'active' : 'inactive')).join(', ')}`);
}

/** The seats in use, as soon as they are right. */
async function until(isRight) {
  return seats && isRight(seats) ? seats : pipe(changes, filter(isRight), take(1), toPromise);
}
