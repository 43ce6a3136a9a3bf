import { Link } from 'react-router';
import type { OperatorDetailsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { reasonOf } from './invitation';
import { useInvitation } from './useInvitation';

/**
 * The state of an operator's password. No one sets the password of another operator: operators
 * choose it by invitation, and recover it themselves.
 */
export function PasswordState({ operator, isSelf }: { operator: OperatorDetailsFragment; isSelf: boolean }) {
  const { t } = useWords();
  const invitation = useInvitation();
  return (
    <section className="field" aria-labelledby="password-state">
      <h2 id="password-state" className="label">
        {t('field.password')}
      </h2>
      {operator.isInvited ? (
        <>
          <InvitationState invitation={operator.invitation} />
          <Button busy={invitation.isBusy(operator.id)} onClick={() => void invitation.send(operator)}>
            {t('invitation.again')}
          </Button>
        </>
      ) : (
        <p>{isSelf ? <Link to="/profile">{t('password.own')}</Link> : t('password.recoveredByThem')}</p>
      )}
    </section>
  );
}

/** When an invitation was sent, or why it was not delivered and what to do about it. */
function InvitationState({ invitation }: Pick<OperatorDetailsFragment, 'invitation'>) {
  const words = useWords();
  const { t, moment } = words;
  if (invitation?.failure && invitation.nextAttemptAt) {
    return <Notice kind="info">{t('invitation.delayed', { when: moment(invitation.nextAttemptAt) })}</Notice>;
  }
  if (invitation?.failure && invitation.failedAt) {
    const [when, reason] = [moment(invitation.failedAt), reasonOf(invitation.failure, words)];
    return <Notice kind="bad">{t('invitation.failed', { when, reason })}</Notice>;
  }
  return (
    <p>
      {invitation?.sentAt && t('operators.invitedOn', { when: moment(invitation.sentAt) })}
      {invitation?.sentAt && '. '}
      {t('invitation.waiting')}
    </p>
  );
}
