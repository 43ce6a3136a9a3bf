// Texts of the chat, as in `widget.js`: the page's own from an attribute, else in the language of
// the element.

import { catalogueOf, type Text } from '../texts';
import { czech } from './texts.cs';
import { english } from './texts.en';

export type TextName = keyof typeof english;

/** By language. */
export const catalogues: Readonly<Record<'en' | 'cs', Readonly<Record<TextName, string>>>> = { en: english, cs: czech };

export type { Text };

export const NOTHING: Text = { text: '', language: null };

/** Texts that `widget.js` has, too: the page's own text counts for both. */
const SHARED = /^(available|away|close)$/;

/** `data-text-available`, and `data-text-chat-…` for texts that only the chat has. */
export function textAttribute(name: TextName): string {
  return SHARED.test(name) ? `data-text-${name}` : `data-text-chat-${name}`;
}

/** Finds a text, with its placeholder (`{name}`, `{count}`) replaced by `value`. */
export function findText(
  name: TextName,
  language: string,
  attribute: (name: string) => string | null,
  value = '',
): Text {
  const own = attribute(textAttribute(name));
  const its = catalogueOf(language);
  const text = (own ?? catalogues[its][name]).replace(/\{(name|count)\}/g, () => value);
  return { text, language: own === null ? its : null };
}

/**
 * The language of dates: the element's if the browser knows it. Where that names no country, such
 * as `en`, the visitor's own `en-GB` is used.
 */
export function dateLanguage(language: string, own = globalThis.navigator?.language): string | undefined {
  try {
    const [its] = Intl.getCanonicalLocales(language.replace(/[@.].*$/, '').replace(/_/g, '-'));
    return its && own?.slice(0, its.length + 1) === `${its}-` ? own : its;
  } catch {
    return undefined;
  }
}
