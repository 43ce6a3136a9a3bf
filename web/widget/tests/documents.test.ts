import { expect, test } from 'vitest';
import { request } from '../src/availability';

// The server recognises the widget's own document by this list, and does not count it. `vitest run
// -u` writes it.
test('the document of the widget is exactly the one in the server’s list', async () => {
  const sent: unknown = request('wk_1');
  const { query } = (typeof sent === 'string' ? JSON.parse(sent) : sent) as { query: string };
  await expect(`${JSON.stringify([query], null, 2)}\n`).toMatchFileSnapshot('../documents.json');
});
