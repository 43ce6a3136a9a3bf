// Turns errors into texts in the user's language, and assigns them to form fields.
import type { CombinedError } from 'urql';
import { graphql } from '../gql';
import type { UserErrorFieldsFragment } from '../gql/graphql';
import type { Words } from '../i18n';

export const UserErrorFields = graphql(`
  fragment UserErrorFields on UserError {
    __typename
    message
    path
    ... on InvalidInput {
      invalid: reason
      most: limit
    }
    ... on WeakPassword {
      weaknesses: reasons
      minimumLength
      suggestions
    }
    ... on TooManyAttempts {
      retryAfterSeconds
    }
    ... on SeatLimitReached {
      seats {
        used
        limit
      }
    }
    ... on TooManyActiveOperators {
      active
      seatLimit: limit
    }
    ... on PhotoRejected {
      rejection: reason
    }
  }
`);

export type Problem = UserErrorFieldsFragment;

/** Errors by form field. `''`: errors of no particular field. */
export type Faults = Readonly<Record<string, readonly string[]>>;

/** Assigns each error to the field at the end of its path, if the form has that field. */
export function sortByField(problems: readonly Problem[], fields: readonly string[], words: Words): Faults {
  const faults: Record<string, string[]> = {};
  for (const problem of problems) {
    const last = problem.path.at(-1) ?? '';
    const field = fields.includes(last) ? last : '';
    faults[field] ??= [];
    faults[field].push(...explain(problem, words));
  }
  return faults;
}

/** The sentences for one error. An unknown kind of error is shown in the server's words. */
export function explain(problem: Problem, words: Words): string[] {
  const { t } = words;
  switch (problem.__typename) {
    case 'InvalidInput':
      return [invalid(problem, words)];
    case 'WeakPassword': {
      const known = problem.weaknesses.map((weakness) => weaknessKey(weakness));
      if (known.some((key) => key === null)) {
        return [problem.message, ...problem.suggestions];
      }
      const sentences = known.flatMap((key) => {
        if (key === null) {
          return [];
        }
        return key === 'weakness.TOO_SHORT' ? [t(key, { count: problem.minimumLength })] : [t(key)];
      });
      return [t('problem.WeakPassword'), ...sentences];
    }
    case 'TooManyAttempts':
      return problem.retryAfterSeconds > 90
        ? [t('problem.TooManyAttempts.minutes', { count: Math.ceil(problem.retryAfterSeconds / 60) })]
        : [t('problem.TooManyAttempts.seconds', { count: problem.retryAfterSeconds })];
    case 'SeatLimitReached':
      return [t('problem.SeatLimitReached', { count: problem.seats.limit })];
    case 'TooManyActiveOperators':
      return [t('problem.TooManyActiveOperators', { active: problem.active, count: problem.seatLimit })];
    case 'PhotoRejected':
      return [Object.hasOwn(REJECTIONS, problem.rejection) ? t(REJECTIONS[problem.rejection]) : problem.message];
    case 'InvalidCredentials':
      // A wrong current password and wrong sign-in credentials are the same kind of error.
      return [t(problem.path.at(-1) === 'currentPassword' ? 'profile.wrongPassword' : 'problem.InvalidCredentials')];
    case 'AddressConfirmed':
    case 'EmailTaken':
    case 'IncompleteLink':
    case 'InvalidLink':
    case 'InvitationAccepted':
    case 'OperatorNotFound':
    case 'OwnAccessLevel':
    case 'OwnerRequired':
    case 'PlanFixed':
    case 'SignUpClosed':
      return [t(`problem.${problem.__typename}`)];
    default:
      return [(problem as { message: string }).message];
  }
}

/** The number of seats, if one of the errors says that all are in use; otherwise null. */
export function seatsInUse(problems: readonly Problem[]): number | null {
  const reached = problems.find((problem) => problem.__typename === 'SeatLimitReached');
  return reached?.seats.limit ?? null;
}

const REJECTIONS = {
  NOT_AN_IMAGE: 'photo.rejected.NOT_AN_IMAGE',
  TOO_LARGE: 'photo.rejected.TOO_LARGE',
  TOO_SMALL: 'photo.rejected.TOO_SMALL',
  UNSUPPORTED_FORMAT: 'photo.rejected.UNSUPPORTED_FORMAT',
} as const;

function invalid(problem: Extract<Problem, { __typename?: 'InvalidInput' }>, { t }: Words): string {
  const count = problem.most ?? 0;
  switch (problem.invalid) {
    case 'ABOVE_MAXIMUM':
      return t('invalid.ABOVE_MAXIMUM', { count });
    case 'BELOW_MINIMUM':
      return t('invalid.BELOW_MINIMUM', { count });
    case 'SEATS_INCLUDED':
      return t('invalid.SEATS_INCLUDED', { count });
    case 'TOO_LONG':
      return t('invalid.TOO_LONG', { count });
    case 'TOO_MANY':
      return t('invalid.TOO_MANY', { count });
    case 'EMPTY':
    case 'MISSING':
      return t('invalid.EMPTY');
    case 'FORBIDDEN_CHARACTER':
    case 'INVISIBLE':
    case 'NOT_AN_EMAIL_ADDRESS':
    case 'NO_ADDRESS':
    case 'NO_PASSWORD_YET':
    case 'SAME_OPERATOR':
      return t(`invalid.${problem.invalid}`);
    default:
      return problem.message;
  }
}

const WEAKNESSES = [
  'COMMON',
  'DATE_OR_YEAR',
  'GUESSABLE_BY_NAME_OR_ADDRESS',
  'KEYBOARD_PATTERN',
  'NAME',
  'PREDICTABLE_CAPITALS',
  'PREDICTABLE_SUBSTITUTION',
  'REPETITION',
  'REVERSED_WORD',
  'SEQUENCE',
  'SIMILAR_TO_COMMON',
  'SINGLE_WORD',
  'TOO_FEW_WORDS',
  'TOO_SHORT',
] as const;

function weaknessKey(weakness: string): `weakness.${(typeof WEAKNESSES)[number]}` | null {
  const known = WEAKNESSES.find((one) => one === weakness);
  return known === undefined ? null : `weakness.${known}`;
}

/**
 * Whether the server rejects the address that the dashboard is open at, rather than the operator.
 */
export function isForeignOrigin(error: CombinedError | undefined): boolean {
  return Boolean(error?.graphQLErrors.some((one) => one.extensions?.reason === 'FOREIGN_ORIGIN'));
}

/** The text for a network or server error; null without an error. */
export function trouble(error: CombinedError | undefined, { t }: Words): string | null {
  if (error === undefined) {
    return null;
  }
  if (error.networkError) {
    return t('problem.unreachable');
  }
  if (isForeignOrigin(error)) {
    return t('problem.foreignOrigin', { address: location.origin, setting: 'DESKBELL_ALLOWED_ORIGINS' });
  }
  const codes = error.graphQLErrors.map((one) => one.extensions?.code);
  if (codes.includes('UNAUTHENTICATED')) {
    return t('problem.unauthenticated');
  }
  if (codes.includes('TOO_MANY_REQUESTS')) {
    return t('problem.tooManyRequests');
  }
  return codes.includes('FORBIDDEN') ? t('problem.forbidden') : t('problem.internal');
}
