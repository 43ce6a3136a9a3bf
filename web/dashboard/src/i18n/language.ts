// The language of the dashboard: the user's choice in this browser, else the language of the
// browser.
import { keep, recall } from '../storage';
import type { en } from './en';

type Catalogue = Readonly<Record<keyof typeof en, import('./catalogue').Message>>;

/** The supported languages by BCP 47 tag, each with its own name. */
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
 * The languages of the browser, as tags that `Intl` accepts. Some browsers report tags such as
 * `en-US@posix` or `cs_CZ.UTF-8`, for which `Intl` throws.
 */
export function browserLanguages(browser: { readonly languages?: unknown; readonly language?: unknown }): string[] {
  const named = Array.isArray(browser.languages) ? browser.languages : [];
  return [...named, browser.language].flatMap(canonical);
}

/** The tag in BCP 47 form, without suffixes after `@` or `.`; empty if it is not a tag. */
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

/** The first supported language of the browser. Regions are ignored: `cs-CZ` is Czech. */
export function preferred(tags: readonly string[]): Language {
  return tags.map(withoutRegion).find(isLanguage) ?? 'en';
}

/**
 * The language with the user's region: date and number formats differ between regions of one
 * language.
 */
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
