import { describe, expect, it } from 'vitest';
import { json } from '../../src/chat/json';
import { clean, isWritten, lengthOf, pieces } from '../../src/chat/text';
import { catalogues, dateLanguage, findText, type TextName, textAttribute } from '../../src/chat/texts';
import { base64url } from '../../src/chat/token';

describe('a text', () => {
  it.each([
    ['a\r\nb\rc\u2028d\u2029e', 'a\nb\nc\nd\ne'],
    ['\ttab stays\n', '\ttab stays\n'],
    ['null \0, bell \u0007, escape \u001b, delete \u007f, C1 \u0085', 'null , bell , escape , delete , C1 '],
    ['\u202eevil\u202c \u2066x\u2069', 'evil x'],
    [
      'joiners \u200d \u200b, marks \u200e \u200f, variants \ufe0f',
      'joiners \u200d \u200b, marks \u200e \u200f, variants \ufe0f',
    ],
    ['half \ud83d of a character', 'half  of a character'],
    ['\ud83d\ude00', '\ud83d\ude00'],
    ['e\u0301', '\u00e9'],
  ])('%j becomes what the server takes', (text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  it('is measured in code points, and needs more than white space', () => {
    expect([lengthOf(''), lengthOf('a😀é'), lengthOf('👩‍👩‍👧')]).toEqual([0, 3, 5]);
    expect(['', ' \t\n', '\u00a0\u3000\u2003', '\u200b', '.'].map(isWritten)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it.each([
    ['see https://example.com/a?b=c#d.', ['https://example.com/a?b=c#d']],
    ['(https://example.com/a_(b)) and http://x.example!', ['https://example.com/a_(b)', 'http://x.example']],
    ['mailto:ada@acme.example, please', ['mailto:ada@acme.example']],
    ['HTTPS://EXAMPLE.COM', ['HTTPS://EXAMPLE.COM']],
    ['"https://example.com"<https://b.example>', ['https://example.com', 'https://b.example']],
    ['https://příklad.example/ž', ['https://příklad.example/ž']],
    ['javascript:alert(1) data:text/html,x ftp://x.example //x.example x.example ada@acme.example', []],
    ['https:// http://. mailto: mailto:.', []],
    ['xhttps://example.com', []],
    ['javascript:alert("https://example.com")', ['https://example.com']],
    ['https://a.example\nhttps://b.example', ['https://a.example', 'https://b.example']],
  ])('%j has the links %j', (text, links) => {
    const found = pieces(text);
    expect(found.map((piece) => piece.text).join('')).toBe(text);
    expect(found.filter(({ href }) => href).map((piece) => piece.text)).toEqual(links);
    for (const { href } of found) {
      expect(href ?? 'https:').toMatch(/^(https?|mailto):/);
    }
  });

  it('with 4,000 brackets is split in no time', () => {
    expect(pieces(`https://example.com/${')'.repeat(4_000)}`)[0]?.text).toBe('https://example.com/');
  });
});

describe('JSON', () => {
  it('is written without `toJSON`, and reads as what it was', () => {
    const value = { text: '"\\\n\u2028\ud800', list: [1, true, null, { a: '' }], none: undefined };
    Object.assign(Array.prototype, { toJSON: () => 'replaced' });
    Object.assign(Object.prototype, { added: 'by a library' });
    try {
      const written = json(value);
      expect(JSON.parse(written)).toEqual({ text: value.text, list: [1, true, null, { a: '' }] });
      expect(written).not.toContain('library');
    } finally {
      delete (Array.prototype as { toJSON?: unknown }).toJSON;
      delete (Object.prototype as { added?: unknown }).added;
    }
  });
});

describe('a token', () => {
  it('is base64url (RFC 4648, section 10)', () => {
    const text = (value: string) => base64url(new TextEncoder().encode(value));
    expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map(text)).toEqual([
      ...['', 'Zg', 'Zm8', 'Zm9v', 'Zm9vYg', 'Zm9vYmE', 'Zm9vYmFy'],
    ]);
    expect(base64url(new Uint8Array(32).fill(255))).toHaveLength(43);
    expect(base64url(Uint8Array.of(251, 255))).toBe('-_8');
  });
});

describe('texts of the chat', () => {
  it('are complete in every language, with the same placeholders', () => {
    const names = Object.keys(catalogues.en) as TextName[];
    expect(Object.keys(catalogues.cs)).toEqual(names);
    const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).join();
    for (const name of names) {
      expect(placeholders(catalogues.cs[name]), name).toBe(placeholders(catalogues.en[name]));
      expect(catalogues.cs[name].trim(), name).toBe(catalogues.cs[name]);
      expect(textAttribute(name)).toMatch(/^data-text-[a-z-]+$/);
    }
  });

  it('take names literally', () => {
    const none = () => null;
    expect(findText('joined', 'en', none, "$& $1 {name} $'").text).toBe("$& $1 {name} $' joined the chat");
    expect(
      findText('joined', 'de', (name) => (name === 'data-text-chat-joined' ? '{name} ist da' : null), 'Ada'),
    ).toEqual({
      text: 'Ada ist da',
      language: null,
    });
    expect(findText('away', 'cs_CZ', none)).toEqual({ text: 'Teď tu nejsme', language: 'cs' });
  });

  it.each([
    ['cs-CZ', 'cs-CZ'],
    ['cs_CZ.UTF-8', 'cs-CZ'],
    ['en-US@posix', 'en-US'],
    ['no language', undefined],
    ['', undefined],
  ])('have dates of %j in %j', (language, expected) => {
    expect(dateLanguage(language, 'de-AT')).toBe(expected);
  });

  it('have dates as the visitor is used to, if the page names no country', () => {
    expect(dateLanguage('en', 'en-GB')).toBe('en-GB');
    expect(dateLanguage('en-US', 'en-GB')).toBe('en-US');
    expect(dateLanguage('e', 'en-GB')).toBe(undefined);
  });
});
