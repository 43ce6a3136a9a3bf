import type { DocumentNode } from 'graphql';
import { expect, test, vi } from 'vitest';
import * as documents from '../gql/graphql';
import { connect } from './client';

const sent: string[] = [];
vi.mock('./socket', () => ({ openSocket: () => ({ dispose: () => {} }) }));
vi.mock('./lasting', () => ({
  lasting: (_socket: unknown, request: { query: string }) => {
    sent.push(request.query);
    return () => {};
  },
}));

const isSubscription = (document: DocumentNode) =>
  document.definitions.some((one) => one.kind === 'OperationDefinition' && one.operation === 'subscription');

// The server recognises the dashboard's own documents by this list, and does not count them.
// `vitest run -u` writes it.
test('the subscriptions of the dashboard are exactly those in the server’s list', async () => {
  vi.stubGlobal('location', new URL('https://chat.example.com/'));
  const { client } = connect({ onEnded: () => {}, onLive: () => {} });
  const all = Object.values(documents as unknown as Record<string, DocumentNode>).filter(isSubscription);
  for (const document of all) {
    client.subscription(document, {}).subscribe(() => {});
  }
  await vi.waitFor(() => expect(sent.length).toBe(all.length));
  await expect(`${JSON.stringify([...sent].sort(), null, 2)}\n`).toMatchFileSnapshot('../../documents.json');
});
