// The words of the dashboard, out of its own catalogues: to act in either language, and to know a text that is in neither.
import { readFileSync } from 'node:fs';
import { check } from '../../clients/check.mjs';

const catalogue = async (language) => {
  const source = readFileSync(new URL(`../../../web/dashboard/src/i18n/${language}.ts`, import.meta.url), 'utf8');
  // A catalogue is an object with a type; without the type it is a module as it is.
  const plain = source
    .replaceAll(/^import type .*$/gm, '')
    .replace(/: Translation<typeof en>/, '')
    .replace(/ as const;/, ';');
  return Object.values(await import(`data:text/javascript,${encodeURIComponent(plain)}`))[0];
};

export const catalogues = { en: await catalogue('en'), cs: await catalogue('cs') };

/** Says a message, as the dashboard does. */
export const speaker =
  (language) =>
  (key, values = {}) => {
    const message = catalogues[language][key];
    check(message !== undefined, `there is no message '${key}'`);
    const form = message.other ? new Intl.PluralRules(language).select(values.count) : null;
    return (form ? (message[form] ?? message.other) : message).replaceAll(/\{(\w+)\}/g, (_whole, name) => values[name]);
  };

const forms = (message) => (typeof message === 'string' ? [message] : Object.values(message));
const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Knows whether a text is one that the dashboard says in a language, whatever stands for what is filled in. */
export function vocabulary(language) {
  const all = Object.values(catalogues[language]).flatMap(forms);
  const fixed = new Set(all.filter((text) => !text.includes('{')));
  const filled = all
    .filter((text) => text.includes('{'))
    // Nothing but what is filled in would know everything.
    .filter((text) => text.replaceAll(/\{\w+\}/g, '').trim().length > 1)
    .map(
      (text) =>
        new RegExp(
          `^${text
            .split(/\{\w+\}/)
            .map(escaped)
            .join('.*')}$`,
          's',
        ),
    );
  return (text) => fixed.has(text) || filled.some((pattern) => pattern.test(text));
}
