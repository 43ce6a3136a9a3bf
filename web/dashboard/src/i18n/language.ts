// Which language the dashboard speaks: what the person chose here before, or else what the browser asks for.
import { keep, recall } from '../storage';
import type { en } from './en';

type Catalogue = Readonly<Record<keyof typeof en, import('./catalogue').Message>>;

/** By BCP 47 tag, with the name that its speakers give it. */
export const LANGUAGES = { en: 'English', cs: 'Čeština' } as const;

export type Language = keyof typeof LANGUAGES;

const STORAGE_KEY = 'deskbell.language';

const catalogues: Record<Language, () => Promise<Catalogue>> = {
  en: () => import('./en').then((module) => module.en),
  cs: () => import('./cs').then((module) => module.cs),
};

export function isLanguage(tag: string | null | undefined): tag is Language {
  return tag != null && Object.hasOwn(LANGUAGES, tag);
}

/** The first of the browser's languages that we speak; regions do not matter (`cs-CZ` is Czech). */
export function preferred(tags: readonly string[]): Language {
  return tags.map(withoutRegion).find(isLanguage) ?? 'en';
}

/** The language as it is written where the person is: dates and numbers differ between regions that speak the same. */
export function regional(language: Language, tags: readonly string[]): string {
  return tags.find((tag) => withoutRegion(tag) === language) ?? language;
}

function withoutRegion(tag: string): string | undefined {
  return tag.toLowerCase().split('-')[0];
}

export function initial(): Language {
  const chosen = recall(STORAGE_KEY);
  return isLanguage(chosen) ? chosen : preferred(navigator.languages);
}

export function remember(language: Language): void {
  keep(STORAGE_KEY, language);
}

export function load(language: Language): Promise<Catalogue> {
  return catalogues[language]();
}

export type { Catalogue };
