// The texts of the dashboard in the user's language.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { render, type Values } from './catalogue';
import type { en } from './en';
import { browserLanguages, type Catalogue, type Language, load, regional, remember } from './language';

export type MessageKey = keyof typeof en;

/** A message with placeholders requires values for all of them. Other messages take no values. */
type Arguments<Key extends MessageKey> = keyof Values<(typeof en)[Key]> extends never ? [] : [Values<(typeof en)[Key]>];

export interface Words {
  readonly language: Language;
  /** The language of the mails that the user causes, for the input of mutations. */
  readonly mailLanguage: Uppercase<Language>;
  /** Renders a message. */
  t<Key extends MessageKey>(key: Key, ...values: Arguments<Key>): string;
  /** Formats a date and time, such as `25 Nov 2026, 20:38`. */
  moment(iso: string): string;
  /** Formats a list, such as `Ada, Bob and Cy`. */
  list(items: readonly string[]): string;
  /** Switches to another language. Rejects if its texts cannot be loaded. */
  choose(language: Language): Promise<void>;
}

const WordsContext = createContext<Words | null>(null);

export function WordsProvider(props: { language: Language; catalogue: Catalogue; children: ReactNode }) {
  const [spoken, setSpoken] = useState({ language: props.language, catalogue: props.catalogue });
  const words = useMemo(
    () =>
      wordsOf(spoken.language, spoken.catalogue, {
        region: regional(spoken.language, browserLanguages(navigator)),
        choose: async (language) => {
          // First, so that a reload uses the language if its texts cannot be loaded now.
          remember(language);
          const catalogue = await load(language);
          setSpoken({ language, catalogue });
        },
      }),
    [spoken],
  );
  useEffect(() => {
    document.documentElement.lang = spoken.language;
  }, [spoken.language]);
  return <WordsContext value={words}>{props.children}</WordsContext>;
}

const MAIL_LANGUAGES = { en: 'EN', cs: 'CS' } as const;

export function wordsOf(
  language: Language,
  catalogue: Catalogue,
  { region, choose }: { region: string; choose: (language: Language) => Promise<void> },
): Words {
  return {
    language,
    mailLanguage: MAIL_LANGUAGES[language],
    t: (key, ...values) => render(catalogue[key], values[0] ?? {}, language),
    moment: (iso) => new Intl.DateTimeFormat(region, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso)),
    list: (items) => new Intl.ListFormat(language).format(items),
    choose,
  };
}

export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === null) {
    throw new Error('useWords outside of WordsProvider');
  }
  return words;
}
