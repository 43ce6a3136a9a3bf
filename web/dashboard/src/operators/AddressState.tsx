import type { OperatorProfileFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { useConfirmation } from '../shell/AddressBanner';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';

/** An address that waits to be confirmed, and one that was lost, with what helps. */
export function AddressState({ operator }: { operator: OperatorProfileFragment }) {
  const { t, moment } = useWords();
  const confirmation = useConfirmation();
  const { pendingEmail, lostEmail } = operator;
  return (
    <>
      {lostEmail && (
        <Notice kind="bad">
          {t(lostEmail.reason === 'RELEASED' ? 'address.lostReleased' : 'address.lostClaimed', {
            email: lostEmail.email,
            when: moment(lostEmail.lostAt),
          })}
        </Notice>
      )}
      {pendingEmail && (
        <div className="notice info" role="status">
          <p>{t('address.pending', { email: pendingEmail })}</p>
          <Button busy={confirmation.busy} onClick={() => void confirmation.send(operator.id, pendingEmail)}>
            {t('address.sendLink')}
          </Button>
        </div>
      )}
    </>
  );
}
