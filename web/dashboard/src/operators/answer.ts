import type { CombinedError } from 'urql';
import { type Faults, type Problem, sortByField, trouble } from '../api/problems';
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

interface Answer<Data> {
  data?: Data | undefined;
  error?: CombinedError | undefined;
}

/**
 * The faults of a mutation's response by field; null if it succeeded. A fault without a field of
 * the form goes to `own`, the field that the mutation is for.
 */
export function faultsOf<Data>(
  { data, error }: Answer<Data>,
  payloadOf: (data: Data) => { userErrors: readonly Problem[] } | null | undefined,
  own: string,
  words: Words,
): Faults | null {
  const said = trouble(error, words);
  if (said !== null) {
    return { [own]: [said] };
  }
  const problems = (data && payloadOf(data)?.userErrors) ?? [];
  if (problems.length === 0) {
    return null;
  }
  const { '': general, ...faults } = sortByField(problems, FIELDS, words);
  if (general === undefined) {
    return faults;
  }
  // A removed operator is a fault of the whole form.
  const field = problems.some((problem) => problem.__typename === 'OperatorNotFound') ? '' : own;
  return together([faults, { [field]: general }]);
}

/** Merges the faults of several responses, without duplicates. */
export function together(answers: readonly Faults[]): Faults {
  const all: Record<string, readonly string[]> = {};
  for (const faults of answers) {
    for (const [field, said] of Object.entries(faults)) {
      all[field] = [...new Set([...(all[field] ?? []), ...said])];
    }
  }
  return all;
}

/** The text above a form: faults of no particular field, and a note if fields have faults. */
export function summaryOf({ '': general = [], ...faults }: Faults, { t }: Words): string {
  const isBelow = Object.values(faults).some((said) => said.length > 0);
  return [...general, ...(isBelow ? [t('form.faults')] : [])].join(' ');
}
