// The answer to a mutation. A mutation of the dashboard has one field, whose payload lists the user
// errors.
import type { CombinedError } from 'urql';
import type { Words } from '../i18n';
import { type Faults, type Problem, sortByField, trouble } from './problems';

export interface Payload {
  userErrors: readonly Problem[];
}

/** The data of a mutation. */
export type Payloads<Data> = { [Field in keyof Data]: Payload | null };

export interface Answer<Granted extends Payload = Payload> {
  /** Null if there was a network or server error. */
  payload: Granted | null;
  /** The user errors. */
  problems: readonly Problem[];
  /** The network or server error. */
  error: CombinedError | undefined;
  /** Whether there was no error of either kind. */
  isGranted: boolean;
}

export function answerOf<Data extends Payloads<Data>>(
  data: Data | undefined,
  error: CombinedError | undefined,
): Answer<NonNullable<Data[keyof Data]>> {
  const payload = payloadOf(data);
  const problems = payload?.userErrors ?? [];
  return { payload, problems, error, isGranted: error === undefined && problems.length === 0 };
}

function payloadOf<Data extends Payloads<Data>>(data: Data | undefined): NonNullable<Data[keyof Data]> | null {
  for (const field in data) {
    return data[field] ?? null;
  }
  return null;
}

/**
 * The faults by field, if the form has that field. A network or server error is a fault of no
 * particular field. Null if the mutation succeeded.
 */
export function faultsOf(answer: Answer, fields: readonly string[], words: Words): Faults | null {
  const message = trouble(answer.error, words);
  if (message !== null) {
    return { '': [message] };
  }
  return answer.isGranted ? null : sortByField(answer.problems, fields, words);
}

/** The reason for a failure in one line; null if the mutation succeeded. */
export function reasonOf(answer: Answer, words: Words): string | null {
  return faultsOf(answer, [], words)?.['']?.join(' ') ?? null;
}
