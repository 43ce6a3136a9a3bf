import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Message, render } from './catalogue';
import { cs } from './cs';
import { en } from './en';
import { preferred } from './language';

const catalogues: Record<string, Readonly<Record<string, Message>>> = { en, cs };

const forms = (message: Message): Record<string, string> =>
  typeof message === 'string' ? { text: message } : { ...message };
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe.each(Object.entries(catalogues))('the catalogue in %s', (language, catalogue) => {
  it('has every message and no other', () => {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
  });

  it('has every plural form of the language', () => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort();
    for (const [key, message] of Object.entries(catalogue)) {
      if (typeof message !== 'string') {
        expect(Object.keys(message).sort(), key).toEqual(categories);
      }
    }
  });

  it('has no empty message, and the same placeholders in each language', () => {
    for (const [key, message] of Object.entries(catalogue)) {
      const wanted = new Set(Object.values(forms(en[key as keyof typeof en])).flatMap(placeholders));
      for (const text of Object.values(forms(message))) {
        expect(text.trim(), key).not.toBe('');
        // A plural form may say "the only seat" instead of "1 seat".
        for (const name of placeholders(text)) {
          expect(wanted, `${key}: {${name}}`).toContain(name);
        }
        for (const name of wanted) {
          if (name !== 'count') {
            expect(placeholders(text), key).toContain(name);
          }
        }
      }
    }
  });
});

it('names no duration that can be configured', () => {
  const texts = Object.values(catalogues).flatMap((catalogue) =>
    Object.values(catalogue).flatMap((one) => Object.values(forms(one))),
  );
  expect(texts.filter((text) => /\d (minute|hour|day|minut|hodin|dn|den)/.test(text))).toEqual([]);
});

it('has no unused message', () => {
  const root = join(import.meta.dirname, '..');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('i18n') && !file.startsWith('gql'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  // `t(`weakness.${…}`)` uses all keys with this prefix.
  const families = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map(([, family]) => family ?? '');
  const unsaid = Object.keys(en).filter(
    (key) => !sources.includes(`'${key}'`) && !families.some((family) => key.startsWith(family)),
  );
  expect(unsaid).toEqual([]);
});

describe('a message', () => {
  const seats = { one: '{count} místo', few: '{count} místa', many: '{count} místa', other: '{count} míst' };

  it('uses the plural form of the number in the language', () => {
    expect([1, 2, 5, 1.5].map((count) => render(seats, { count }, 'cs'))).toEqual([
      '1 místo',
      '2 místa',
      '5 míst',
      '1,5 místa',
    ]);
    expect(render({ one: '{count} seat', other: '{count} seats' }, { count: 1000 }, 'en')).toBe('1,000 seats');
  });

  it('inserts values unchanged, even if they look like placeholders or patterns', () => {
    expect(render('{name} is {state}', { name: '{state} <b>', state: '$&' }, 'en')).toBe('{state} <b> is $&');
  });
});

describe('the language', () => {
  it('is the first supported language of the browser', () => {
    expect(preferred(['de-AT', 'cs-CZ', 'en'])).toBe('cs');
    expect(preferred(['CS'])).toBe('cs');
    expect(preferred(['de', 'fr'])).toBe('en');
    expect(preferred([])).toBe('en');
  });
});
