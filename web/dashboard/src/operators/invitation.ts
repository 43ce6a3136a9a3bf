// The result of an operator's invitation, in words.
import type { InvitationFailure } from '../gql/graphql';
import type { Words } from '../i18n';

const REASONS = {
  ADDRESS_INVALID: 'invitation.reason.ADDRESS_INVALID',
  GIVEN_UP: 'invitation.reason.GIVEN_UP',
  MAILBOX_DISABLED: 'invitation.reason.MAILBOX_DISABLED',
  MAILBOX_FULL: 'invitation.reason.MAILBOX_FULL',
  MAILBOX_UNKNOWN: 'invitation.reason.MAILBOX_UNKNOWN',
  NO_SMTPUTF8: 'invitation.reason.NO_SMTPUTF8',
  RECIPIENT_REFUSED: 'invitation.reason.RECIPIENT_REFUSED',
  TEXT_REFUSED: 'invitation.reason.TEXT_REFUSED',
} as const;

/** Why an invitation was not delivered, as a part of a sentence. A newer server may have more. */
export function reasonOf(failure: InvitationFailure, { t }: Pick<Words, 't'>): string {
  return t(Object.hasOwn(REASONS, failure) ? REASONS[failure as keyof typeof REASONS] : REASONS.RECIPIENT_REFUSED);
}

/** One line: when an invitation was sent, or why not. */
export function arrivalOf(
  invitation: { sentAt: string | null; failure: InvitationFailure | null } | null,
  words: Pick<Words, 't' | 'moment'>,
): string {
  const { t, moment } = words;
  if (invitation?.failure === 'DELAYED') {
    return t('invitation.notYet');
  }
  if (invitation?.failure) {
    return t('invitation.notArrived', { reason: reasonOf(invitation.failure, words) });
  }
  return invitation?.sentAt ? t('operators.invitedOn', { when: moment(invitation.sentAt) }) : t('operators.invited');
}
