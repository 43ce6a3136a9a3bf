// The types of user errors, for the cache. Without this list, the cache guesses them and loses
// messages.
import type { OperationResult } from 'urql';
import type { Problem } from './problems';

/** All kinds of user errors. The compiler reports one that is missing here. */
const KNOWN: Readonly<Record<NonNullable<Problem['__typename']>, true>> = {
  AddressConfirmed: true,
  ChatUnavailable: true,
  ClientMessageIdReused: true,
  ConversationClosed: true,
  ConversationNotFound: true,
  EmailTaken: true,
  IncompleteLink: true,
  InvalidCredentials: true,
  InvalidInput: true,
  InvalidLink: true,
  InvitationAccepted: true,
  NewerConversation: true,
  NewerMessages: true,
  OperatorInactive: true,
  OperatorNotFound: true,
  OwnAccessLevel: true,
  OwnerRequired: true,
  PhotoRejected: true,
  PlanFixed: true,
  SeatLimitReached: true,
  SignUpClosed: true,
  TooManyActiveOperators: true,
  TooManyAttempts: true,
  VisitorNotFound: true,
  WeakPassword: true,
};

export const USER_ERRORS: string[] = Object.keys(KNOWN);

/**
 * Renames unknown types of a newer server to the interface: the cache drops fields of unknown
 * types, and all user errors have a message.
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
