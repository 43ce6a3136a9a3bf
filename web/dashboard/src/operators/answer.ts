import type { CombinedError } from 'urql';
import { type Faults, type Problem, sortByField, trouble } from '../api/problems';
import type { Words } from '../i18n';

/** The fields of an operator's form, as `path` names them. */
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
 * What a mutation's answer says is wrong, by field; null when it was granted. A refusal that names no field of the form goes to
 * `own`, the field that the mutation is for.
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
  // Whoever is gone is gone as a whole.
  const field = problems.some((problem) => problem.__typename === 'OperatorNotFound') ? '' : own;
  return together([faults, { [field]: general }]);
}

/** Several answers' faults as one; what two of them say is said once. */
export function together(answers: readonly Faults[]): Faults {
  const all: Record<string, readonly string[]> = {};
  for (const faults of answers) {
    for (const [field, said] of Object.entries(faults)) {
      all[field] = [...new Set([...(all[field] ?? []), ...said])];
    }
  }
  return all;
}

/** What stands above a form: what is wrong with no field in particular, and that something is wrong below. */
export function summaryOf({ '': general = [], ...faults }: Faults, { t }: Words): string {
  const isBelow = Object.values(faults).some((said) => said.length > 0);
  return [...general, ...(isBelow ? [t('form.faults')] : [])].join(' ');
}
