import { useMutation } from 'urql';
import type { OperatorProfileFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { useConfirmation } from '../shell/AddressBanner';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { useToasts } from '../ui/toasts';
import { faultsOf } from './answer';
import { UpdateOperatorMutation } from './useProfileDraft';

/** A pending address and a lost address, each with what to do about it. */
export function AddressState({ operator }: { operator: OperatorProfileFragment }) {
  const words = useWords();
  const { t, moment } = words;
  const toasts = useToasts();
  const confirmation = useConfirmation();
  const [{ fetching: withdrawing }, update] = useMutation(UpdateOperatorMutation);
  const { email, pendingEmail, lostEmail } = operator;

  /** Saving the current address again cancels the pending one. */
  async function withdraw() {
    const answer = await update({ input: { operatorId: operator.id, email: email ?? null } });
    const faults = faultsOf(answer, (data) => data.updateOperator, '', words);
    if (faults) {
      toasts.bad(Object.values(faults).flat().join(' '));
    }
  }

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
          <Button kind="quiet" busy={withdrawing} onClick={() => void withdraw()}>
            {t('address.withdraw')}
          </Button>
        </div>
      )}
    </>
  );
}
