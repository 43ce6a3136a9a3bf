import { Link } from 'react-router';
import type { OperatorDetailsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { useInvitation } from './useInvitation';

/** Nobody sets another's password: it is chosen by invitation, or recovered by whoever has it. */
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
          <p>{t('invitation.waiting')}</p>
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
