import { type Answer, faultsOf } from '../api/answer';
import type { Faults } from '../api/problems';
import type { Words } from '../i18n';

/** The fields of an operator's form, as in `path`. */
export const FIELDS = [
  'accessLevel',
  'photo',
  'name',
  'publicName',
  'email',
  'currentPassword',
  'description',
  'password',
] as const;

/**
 * The faults of a mutation by field; null if it succeeded. A fault without a field of the form goes
 * to `own`, the field that the mutation is for.
 */
export function profileFaultsOf(answer: Answer, own: string, words: Words): Faults | null {
  const faults = faultsOf(answer, FIELDS, words);
  if (faults?.[''] === undefined) {
    return faults;
  }
  const { '': general, ...others } = faults;
  // A removed operator is a fault of the whole form.
  const field = answer.problems.some((problem) => problem.__typename === 'OperatorNotFound') ? '' : own;
  return together([others, { [field]: general }]);
}

/** Merges the faults of several responses, without duplicates. */
export function together(answers: readonly Faults[]): Faults {
  const all: Record<string, readonly string[]> = {};
  for (const faults of answers) {
    for (const [field, messages] of Object.entries(faults)) {
      all[field] = [...new Set([...(all[field] ?? []), ...messages])];
    }
  }
  return all;
}

/** The text above a form: faults of no particular field, and a note if fields have faults. */
export function summaryOf({ '': general = [], ...faults }: Faults, { t }: Words): string {
  const isBelow = Object.values(faults).some((messages) => messages.length > 0);
  return [...general, ...(isBelow ? [t('form.faults')] : [])].join(' ');
}
