import { Link } from 'react-router';
import type { OperatorDetailsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
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
          {operator.invitationProblem ? (
            <NotArrived problem={operator.invitationProblem} />
          ) : (
            <p>{t('invitation.waiting')}</p>
          )}
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

const REASONS = {
  GIVEN_UP: 'invitation.problem.GIVEN_UP',
  NO_SMTPUTF8: 'invitation.problem.NO_SMTPUTF8',
  RECIPIENT_REFUSED: 'invitation.problem.RECIPIENT_REFUSED',
  TEXT_REFUSED: 'invitation.problem.TEXT_REFUSED',
} as const;

/** Why an invitation was not delivered, and what to do about it. */
function NotArrived({ problem }: { problem: NonNullable<OperatorDetailsFragment['invitationProblem']> }) {
  const { t, moment } = useWords();
  const { reason, nextAttemptAt } = problem;
  if (nextAttemptAt) {
    return <Notice kind="info">{t('invitation.problem.DELAYED', { when: moment(nextAttemptAt) })}</Notice>;
  }
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS] : REASONS.GIVEN_UP;
  return <Notice kind="bad">{t(known)}</Notice>;
}
