// Signs in, reads the operators page by page, uploads a photo, follows changes, and signs out:
//   npm start -- http://127.0.0.1:8080
import { readFileSync } from 'node:fs';
import { CombinedGraphQLErrors } from '@apollo/client';
import { BehaviorSubject, filter, firstValueFrom, map } from 'rxjs';
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
const { data } = await client.query({ query: VIEWER });
console.log(`signed in as ${data.viewer.name}`);

// The list reads from the cache, which responses and the subscription update.
const list = client.watchQuery({ query: OPERATORS });
const rows = new BehaviorSubject([]);
list.subscribe(({ data }) => rows.next(data?.account?.operators.edges.map(({ node }) => node) ?? []));
await printList(({ length }) => length === 2);
const { pageInfo } = list.getCurrentResult().data.account.operators;
await list.fetchMore({ variables: { after: pageInfo.endCursor } });
await printList(({ length }) => length > 2);

await setPhoto(data.viewer.id);

const seats = new BehaviorSubject(null);
client
  .subscribe({ query: CHANGES })
  .pipe(map(({ data, error }) => (error ? null : data.account.seats)))
  .subscribe(seats);
const { used } = await until(seats, Boolean);
const [first, second] = rows.value.filter(({ isActive }) => !isActive);
await change(ACTIVATE, first);
await until(seats, (now) => now.used === used + 1);
console.log(`the subscription reports ${seats.value.used} of ${seats.value.limit} seats in use`);
await printList((now) => now.some(({ id, isActive }) => id === first.id && isActive));
await change(ACTIVATE, second);
await change(DEACTIVATE, first);
await until(seats, (now) => now.used === used);

await client.mutate({ mutation: SIGN_OUT });
console.log('signed out');
await ended;
console.log('the session has ended');
await client.query({ query: VIEWER, fetchPolicy: 'network-only' }).catch((error) => {
  console.log(`refused: ${CombinedGraphQLErrors.is(error) ? error.errors[0].extensions.code : error}`);
});
client.stop();
close();

/** Signs in with a client that has no session yet. */
async function signIn() {
  const { client, close } = connect({ url, webSocketImpl: WebSocket });
  const input = { email: 'ada@acme.example', password: 'correct-horse-desk-bell', transport: 'TOKEN' };
  const { data } = await client.mutate({ mutation: SIGN_IN, variables: { input } });
  close();
  return data.signIn.token;
}

async function setPhoto(operatorId) {
  const bytes = readFileSync(new URL('../photo.jpg', import.meta.url));
  const photo = new File([bytes], 'photo.jpg', { type: 'image/jpeg' });
  const { data } = await client.mutate({ mutation: SET_PHOTO, variables: { input: { operatorId, photo } } });
  const { operator, userErrors } = data.setOperatorPhoto;
  printProblems(userErrors);
  console.log(`photo uploaded: ${operator?.photo.width} pixels wide`);
}

async function change(mutation, { id, name }) {
  const { data } = await client.mutate({ mutation, variables: { input: { operatorId: id } } });
  const [{ operator, userErrors }] = Object.values(data);
  printProblems(userErrors);
  if (operator) {
    console.log(`${name} is ${operator.isActive ? 'active' : 'inactive'}`);
  }
}

function printProblems(userErrors) {
  for (const { __typename, message, seats } of userErrors) {
    console.log(`${__typename}: ${message}${seats ? ` (${seats.used} of ${seats.limit})` : ''}`);
  }
}

async function printList(isRight) {
  const names = (await until(rows, isRight)).map(({ name, isActive }) => (isActive ? `${name} (active)` : name));
  console.log(`operators: ${names.join(', ')}`);
}

function until(subject, isRight) {
  return firstValueFrom(subject.pipe(filter(isRight)));
}
