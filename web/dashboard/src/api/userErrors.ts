// What the cache has to know of user errors: which types are some. Without it, it guesses, and shows a refusal without its text.
import type { OperationResult } from 'urql';
import type { Problem } from './problems';

/** Every kind of user error. One that the schema gains is missed by the compiler. */
const KNOWN: Readonly<Record<NonNullable<Problem['__typename']>, true>> = {
  AddressConfirmed: true,
  EmailTaken: true,
  IncompleteLink: true,
  InvalidCredentials: true,
  InvalidInput: true,
  InvalidLink: true,
  InvitationAccepted: true,
  OperatorNotFound: true,
  OwnAccessLevel: true,
  OwnerRequired: true,
  PhotoRejected: true,
  SeatLimitReached: true,
  SignUpClosed: true,
  TooManyActiveOperators: true,
  TooManyAttempts: true,
  WeakPassword: true,
};

export const USER_ERRORS: string[] = Object.keys(KNOWN);

/**
 * Calls what a newer server says by the name of the interface, since the cache leaves out the fields of types that it does not know,
 * and every user error has a message.
 */
export function nameUnknown(result: OperationResult): OperationResult {
  for (const payload of Object.values<unknown>(result.data ?? {})) {
    if (hasUserErrors(payload)) {
      for (const error of payload.userErrors) {
        if (!Object.hasOwn(KNOWN, error.__typename)) {
          error.__typename = 'UserError';
        }
      }
    }
  }
  return result;
}

function hasUserErrors(payload: unknown): payload is { userErrors: { __typename: string }[] } {
  return (
    typeof payload === 'object' && payload !== null && 'userErrors' in payload && Array.isArray(payload.userErrors)
  );
}
