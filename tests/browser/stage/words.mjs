// The texts of the dashboard from its catalogues: to act in either language, and to find texts that
// are in neither.
import { readFileSync } from 'node:fs';
import { check } from '../../clients/check.mjs';

const catalogue = async (language) => {
  const source = readFileSync(new URL(`../../../web/dashboard/src/i18n/${language}.ts`, import.meta.url), 'utf8');
  // A catalogue is a typed object. Without the types it is a JavaScript module.
  const plain = source
    .replaceAll(/^import type .*$/gm, '')
    .replace(/: Translation<typeof en>/, '')
    .replace(/ as const;/, ';');
  return Object.values(await import(`data:text/javascript,${encodeURIComponent(plain)}`))[0];
};

export const catalogues = { en: await catalogue('en'), cs: await catalogue('cs') };

/** Renders a message, as the dashboard does. */
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

/** Returns whether a text belongs to the catalogue of a language, with any values. */
export function vocabulary(language) {
  const all = Object.values(catalogues[language]).flatMap(forms);
  const fixed = new Set(all.filter((text) => !text.includes('{')));
  const filled = all
    .filter((text) => text.includes('{'))
    // A text of placeholders only would match everything.
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
