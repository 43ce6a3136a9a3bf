import { afterEach, describe, expect, it, vi } from 'vitest';
import { initials } from '../src/photo';
import { catalogues, findText, type TextName, textAttribute, textAttributes } from '../src/texts';

const none = (): null => null;

describe('texts', () => {
  it('are complete in every language, and different', () => {
    const names = Object.keys(catalogues.en) as TextName[];
    expect(Object.keys(catalogues.cs)).toEqual(names);
    expect(textAttributes()).toEqual(names.map(textAttribute));
    for (const [language, texts] of Object.entries(catalogues)) {
      expect(new Set(Object.values(texts)).size, language).toBe(names.length);
      expect(
        Object.values(texts).every((text) => text.trim() === text && text !== ''),
        language,
      ).toBe(true);
    }
    for (const name of names) {
      expect(catalogues.en[name], name).not.toBe(catalogues.cs[name]);
    }
  });

  it.each([
    ['en', 'We are away', 'en'],
    ['cs', 'Teď tu nejsme', 'cs'],
    ['cs-CZ', 'Teď tu nejsme', 'cs'],
    ['CS_cz', 'Teď tu nejsme', 'cs'],
    ['cs@euro', 'Teď tu nejsme', 'cs'],
    ['cs.UTF-8', 'Teď tu nejsme', 'cs'],
    ['en-US@posix', 'We are away', 'en'],
    ['csb', 'We are away', 'en'],
    ['de', 'We are away', 'en'],
    ['', 'We are away', 'en'],
    ['constructor', 'We are away', 'en'],
    ['__proto__', 'We are away', 'en'],
  ])('for a page in %j are in a language that there is', (language, text, its) => {
    expect(findText('away', language, none)).toEqual({ text, language: its });
  });

  it('of the page take precedence, each separately', () => {
    const own = (name: string): string | null => (name === 'data-text-away' ? 'Wir sind unterwegs' : null);
    expect(findText('away', 'de', own)).toEqual({ text: 'Wir sind unterwegs', language: null });
    expect(findText('close', 'de', own)).toEqual({ text: 'Close', language: 'en' });
    expect(findText('away', 'cs', () => '')).toEqual({ text: '', language: null });
  });
});

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['Bob', 'B'],
    ['  ada   maria lovelace ', 'AL'],
    ['žofie', 'Ž'],
    ['🦊 Fox', '🦊'],
    ['Ada 🦊', 'A'],
    ['👩‍💻 Ada 🇨🇿', '👩‍💻'],
    ['🇨🇿 🇪🇺', '🇨🇿'],
    ['Z\u030cofie', 'Z\u030c'],
    ['', ''],
  ])('of %j are %j', (name, expected) => {
    expect(initials(name)).toBe(expected);
  });

  it('are code points in a browser without Intl.Segmenter', () => {
    vi.stubGlobal('Intl', {});
    expect(initials('🦊 Žofie')).toBe('🦊');
    expect(initials('Žofie Nová')).toBe('ŽN');
    expect(initials('')).toBe('');
  });

  afterEach(() => vi.unstubAllGlobals());
});
