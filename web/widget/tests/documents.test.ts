import { expect, test } from 'vitest';
import { request } from '../src/availability';

// The server knows our own documents by this list, and does not count them. `vitest run -u` writes it.
test('what the widget asks is on the server’s list, to the letter', async () => {
  const sent: unknown = request('wk_1');
  const { query } = (typeof sent === 'string' ? JSON.parse(sent) : sent) as { query: string };
  await expect(`${JSON.stringify([query], null, 2)}\n`).toMatchFileSnapshot('../documents.json');
});
