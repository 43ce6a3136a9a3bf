// Texts of the widget in the language of the page: English, Czech, or the texts in the page's own
// attributes.

import { czech } from './texts.cs';
import { english } from './texts.en';

export type TextName = keyof typeof english;

/** By language. */
export const catalogues: Readonly<Record<'en' | 'cs', Readonly<Record<TextName, string>>>> = { en: english, cs: czech };

/** The attributes with the page's own texts. */
export function textAttributes(): string[] {
  const names: string[] = [];
  for (const name in english) {
    names.push(textAttribute(name));
  }
  return names;
}

/** The name of the attribute with the page's own text. */
export function textAttribute(name: string): string {
  return `data-text-${name}`;
}

export interface Text {
  readonly text: string;
  /** The language of the text; null when the page brings the text. */
  readonly language: string | null;
}

/**
 * Finds a text: the page's own from an attribute, else the one in `language`, else the English one.
 * Of `language`, only the letters at the start count, so it need not be a well-formed tag: `cs-CZ`,
 * `cs_CZ` and `cs@euro` are all Czech.
 */
export function findText(name: TextName, language: string, attribute: (name: string) => string | null): Text {
  const own = attribute(textAttribute(name));
  if (own !== null) {
    return { text: own, language: null };
  }
  const its = catalogueOf(language);
  return { text: catalogues[its][name], language: its };
}

export function catalogueOf(language: string): 'en' | 'cs' {
  return /^cs(?![a-z])/i.test(language) ? 'cs' : 'en';
}
