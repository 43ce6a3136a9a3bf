import { expect, test } from 'vitest';
import { request } from '../src/availability';
import { FOLLOW } from '../src/chat/documents';
import { glance } from '../src/chatDesk';

// The server recognises the widget's own documents by this list, and does not count them. `vitest
// run -u` writes it.
test('the documents of the widget are exactly those in the server’s list', async () => {
  const documents = [request('wk_1'), glance('wk_1')].map((text) => JSON.parse(text).query);
  await expect(`${JSON.stringify([...documents, FOLLOW], null, 2)}\n`).toMatchFileSnapshot('../documents.json');
});
