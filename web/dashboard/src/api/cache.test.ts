import { createClient, fetchExchange, gql } from 'urql';
import { expect, test } from 'vitest';
import { cache } from './cache';

const Small = gql`{ viewer { id photo { url(size: 128) } } }`;
const Large = gql`{ viewer { id photo { url(size: 256) } } }`;

test('a replaced photo leaves no size behind', async () => {
  let hash = 'old';
  let asked = 0;
  const client = createClient({
    url: 'https://chat.example.com/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-first',
    exchanges: [...cache(), fetchExchange],
    fetch: async (_, init) => {
      asked += 1;
      const size = String(init?.body).includes('128') ? 128 : 256;
      const photo = { __typename: 'Photo', url: `https://chat.example.com/photos/${hash}-${size}.jpg` };
      return Response.json({ data: { viewer: { __typename: 'Operator', id: '1', photo } } });
    },
  });
  const urlOf = async (query: typeof Small, requestPolicy?: 'network-only') => {
    const { data } = await client.query(query, {}, requestPolicy ? { requestPolicy } : {});
    return data.viewer.photo.url as string;
  };

  expect([await urlOf(Small), await urlOf(Large), await urlOf(Small)]).toEqual([
    'https://chat.example.com/photos/old-128.jpg',
    'https://chat.example.com/photos/old-256.jpg',
    'https://chat.example.com/photos/old-128.jpg',
  ]);
  expect(asked).toBe(2);

  hash = 'new';
  await urlOf(Large, 'network-only');
  expect(await urlOf(Small)).toBe('https://chat.example.com/photos/new-128.jpg');
});
