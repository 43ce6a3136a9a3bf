// What the widget says, in the page's language: English, Czech, or whatever the page brings in attributes.

export const textNames = ['label', 'available', 'away', 'heading', 'nobody', 'unknown', 'close'] as const;

export type TextName = (typeof textNames)[number];

const english: Record<TextName, string> = {
  label: 'Availability',
  available: 'We are available',
  away: 'We are away',
  heading: 'Here for you now',
  nobody: 'Nobody is available at the moment. Please come back later.',
  unknown: 'We cannot tell at the moment whether somebody is available. Trying again …',
  close: 'Close',
};

const czech: Record<TextName, string> = {
  label: 'Dostupnost',
  available: 'Jsme tu pro vás',
  away: 'Teď tu nejsme',
  heading: 'Kdo je tu právě pro vás',
  nobody: 'Právě tu nikdo není. Vraťte se prosím později.',
  unknown: 'Teď nelze zjistit, jestli tu někdo je. Zkoušíme to znovu…',
  close: 'Zavřít',
};

/** By language. */
export const catalogues: readonly (readonly [string, Readonly<Record<TextName, string>>])[] = [
  ['en', english],
  ['cs', czech],
];

/** The attribute with the page's own text. */
export function textAttribute(name: TextName): string {
  return `data-text-${name}`;
}

export interface Text {
  readonly text: string;
  /** The language of the text; null when it is the page's own. */
  readonly language: string | null;
}

/**
 * Finds a text: the page's own from an attribute, or the one in `language` (a tag such as `cs-CZ`), or the English one.
 * What follows the language in the tag does not matter, nor does it have to be well-formed: `cs_CZ`, `cs@euro`.
 */
export function findText(name: TextName, language: string, attribute: (name: string) => string | null): Text {
  const own = attribute(textAttribute(name));
  if (own !== null) {
    return { text: own, language: null };
  }
  const primary = /^[a-z]*/i.exec(language)?.[0].toLowerCase() ?? '';
  for (const [its, texts] of catalogues) {
    if (its === primary) {
      return { text: texts[name], language: its };
    }
  }
  return { text: english[name], language: 'en' };
}
