import { describe, expect, it } from 'vitest';
import { read, request } from '../src/availability';
import { SERVER, state } from './world';

const answer = (availability: unknown): unknown => ({ data: { availability } });
const card = { id: 'a', publicName: 'Ada', description: 'Founder', photoUrl: 'http://127.0.0.1:8080/photos/1-128.jpg' };

describe('a response', () => {
  it('is parsed and frozen', () => {
    const availability = read(answer(state(3, { operators: [{ ...card, email: 'ada@acme.example' }] })), SERVER);
    expect(availability).toEqual({
      version: 3,
      isAvailable: true,
      isChatEnabled: true,
      operators: [{ ...card, photoUrl: 'https://chat.example/photos/1-128.jpg' }],
    });
    expect(Object.isFrozen(availability)).toBe(true);
    expect(typeof availability === 'object' && Object.isFrozen(availability.operators)).toBe(true);
    expect(typeof availability === 'object' && Object.isFrozen(availability.operators[0])).toBe(true);
  });

  it.each([
    ['https://elsewhere.example/base/photos/1.jpg?v=2', 'https://chat.example/base/photos/1.jpg?v=2'],
    ['/photos/1.jpg', 'https://chat.example/photos/1.jpg'],
    ['//elsewhere.example/x', 'https://chat.example/x'],
    ['https://elsewhere.example//evil.example/x', 'https://chat.example//evil.example/x'],
    ['javascript:alert(1)', null],
    ['http://[', null],
    [null, null],
    [7, null],
  ])('has its photo %s on the script’s server', (photoUrl, expected) => {
    const availability = read(answer(state(1, { operators: [{ ...card, photoUrl }] })), SERVER);
    expect(typeof availability === 'object' && availability.operators[0]?.photoUrl).toBe(expected);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'x'],
    ['no data', {}],
    ['null for data', { data: null }],
    ['null for availability', answer(null)],
    ['a version that is text', answer({ ...state(1), version: '1' })],
    ['no isAvailable', answer({ version: 1, operators: [] })],
    ['no list', answer({ version: 1, isAvailable: true, operators: {} })],
    ['an error', { errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }],
    ['an error beside data', { ...(answer(state(1)) as object), errors: [{}] }],
    ['errors of no shape', { errors: [null, 1, 'x', { extensions: null }] }],
  ])('with %s is a failure', (_, result) => {
    expect(read(result, SERVER)).toBe('failed');
  });

  it('that reports an unknown key is recognised', () => {
    expect(read({ errors: [{ extensions: { code: 'NOT_FOUND' } }] }, SERVER)).toBe('not found');
  });

  it('may have operators of any shape', () => {
    const availability = read(answer(state(1, { operators: [null as never, { id: 1, publicName: {} }] })), SERVER);
    const empty = { id: '', publicName: '', description: null, photoUrl: null };
    expect(availability).toMatchObject({ operators: [empty, empty] });
  });
});

describe('the request', () => {
  it.each(['wk_1', '"\\/', 'Plzeň 👋', '\n\u0000\u2028', '\ud800'])('for the key %j is JSON', (key) => {
    const { query, variables } = JSON.parse(request(key));
    expect([query.slice(0, 20), variables]).toEqual(['subscription Widget(', { key }]);
  });

  it('has exactly the document that the server shares among all widgets', () => {
    const { query, variables } = JSON.parse(request('wk_1'));
    expect(request('wk_1')).toBe(JSON.stringify({ query, variables }));
  });
});
