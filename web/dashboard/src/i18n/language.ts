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

/**
 * The languages that the browser asks for, as tags that `Intl` takes. What a browser says of itself is input: some call their language
 * `en-US@posix` or `cs_CZ.UTF-8`, and `Intl` throws when it gets that.
 */
export function browserLanguages(browser: { readonly languages?: unknown; readonly language?: unknown }): string[] {
  const named = Array.isArray(browser.languages) ? browser.languages : [];
  return [...named, browser.language].flatMap(canonical);
}

/** The tag as BCP 47 writes it, without what some systems add behind `@` or `.`; none when it is no tag. */
function canonical(tag: unknown): string[] {
  if (typeof tag !== 'string') {
    return [];
  }
  const [language = ''] = tag.trim().split(/[@.]/);
  try {
    return Intl.getCanonicalLocales(language.replaceAll('_', '-'));
  } catch {
    return [];
  }
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
  return isLanguage(chosen) ? chosen : preferred(browserLanguages(navigator));
}

export function remember(language: Language): void {
  keep(STORAGE_KEY, language);
}

export function load(language: Language): Promise<Catalogue> {
  return catalogues[language]();
}

export type { Catalogue };
