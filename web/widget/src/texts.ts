// What the widget says, in the page's language: English, Czech, or whatever the page brings in attributes.

const english = {
  label: 'Availability',
  available: 'We are available',
  away: 'We are away',
  heading: 'Here for you now',
  nobody: 'Nobody is available at the moment. Please come back later.',
  unknown: 'We cannot tell at the moment whether somebody is available. Trying again …',
  close: 'Close',
};

export type TextName = keyof typeof english;

const czech: Record<TextName, string> = {
  label: 'Dostupnost',
  available: 'Jsme tu pro vás',
  away: 'Teď tu nejsme',
  heading: 'Kdo je tu právě pro vás',
  nobody: 'Právě tu nikdo není. Vraťte se prosím později.',
  unknown: 'Teď nelze zjistit, jestli tu někdo je. Zkoušíme to znovu…',
  close: 'Zavřít',
};

export const catalogues: Readonly<Record<string, Record<TextName, string>>> = { en: english, cs: czech };

export const textNames = Object.keys(english) as TextName[];

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
 * Never what an object has by nature: a page may say that its language is `constructor`.
 */
export function findText(name: TextName, language: string, attribute: (name: string) => string | null): Text {
  const own = attribute(textAttribute(name));
  if (own !== null) {
    return { text: own, language: null };
  }
  const primary = language.toLowerCase().split(/[-_]/)[0] ?? '';
  const known = Object.hasOwn(catalogues, primary) ? primary : 'en';
  return { text: catalogues[known]?.[name] ?? english[name], language: known };
}
