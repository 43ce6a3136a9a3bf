import { describe, expect, it } from 'vitest';
import { eventReader, type ServerEvent } from '../src/sse';

const encoder = new TextEncoder();

/** The events of a text that arrives in chunks of `pieces` bytes. */
function readIn(pieces: number, text: string): ServerEvent[] {
  const read = eventReader();
  const bytes = encoder.encode(text);
  const events: ServerEvent[] = [];
  for (let at = 0; at < bytes.length; at += pieces) {
    events.push(...read(bytes.subarray(at, at + pieces)));
  }
  return events;
}

describe('an event stream', () => {
  const text = [
    ':\n\n',
    'event: next\ndata: {"name":"Žluťoučký 🦊 kůň"}\n\n',
    ': a comment: with colons\n',
    'event: next\r\ndata: crlf\r\n\r\n',
    'event: next\rdata: cr\r\r',
    'data: two\ndata:  lines\n\n',
    'data\n\n',
    'event: left out\n\n',
    'id: 7\nretry: 1\nunknown: x\ndata:tight\n\n',
    'event: complete\ndata:\n\n',
    'event: next\ndata: not finished',
  ].join('');
  const events = [
    { type: 'next', data: '{"name":"Žluťoučký 🦊 kůň"}' },
    { type: 'next', data: 'crlf' },
    { type: 'next', data: 'cr' },
    { type: 'message', data: 'two\n lines' },
    { type: 'message', data: '' },
    { type: 'message', data: 'tight' },
    { type: 'complete', data: '' },
  ];

  it('is parsed the same in chunks of any size, even within a character', () => {
    for (let pieces = 1; pieces <= encoder.encode(text).length; pieces += 1) {
      expect(readIn(pieces, text), `in pieces of ${pieces}`).toEqual(events);
    }
  });

  it('may start with a byte order mark', () => {
    expect(readIn(1, '\uFEFFdata: x\n\n')).toEqual([{ type: 'message', data: 'x' }]);
  });

  it('delivers an event as soon as its last line ends', () => {
    const read = eventReader();
    expect(read(encoder.encode('data: x\n'))).toEqual([]);
    expect(read(encoder.encode('\n'))).toEqual([{ type: 'message', data: 'x' }]);
  });
});
