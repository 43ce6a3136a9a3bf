import { reasonOf } from '../api/answer';
import { useMutate } from '../api/useMutate';
import type { OperatorProfileFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { useToasts } from '../ui/toasts';
import { useConfirmation } from './useConfirmation';
import { usePending } from './usePending';
import { UpdateOperatorMutation } from './useProfileDraft';

/** A pending address and a lost address, each with what to do about it. */
export function AddressState({ operator }: { operator: OperatorProfileFragment }) {
  const words = useWords();
  const { t, moment } = words;
  const toasts = useToasts();
  const confirmation = useConfirmation();
  const mutate = useMutate();
  const withdrawal = usePending();
  const { email, pendingEmail, lostEmail } = operator;

  /** Saving the current address again cancels the pending one. */
  async function withdraw(): Promise<boolean> {
    toasts.clear();
    const input = { operatorId: operator.id, email: email ?? null };
    const reason = reasonOf(await mutate(UpdateOperatorMutation, { input }), words);
    if (reason) {
      toasts.bad(reason);
    }
    return reason === null;
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
          <Button kind="quiet" busy={withdrawal.any} onClick={() => void withdrawal.run(operator.id, withdraw)}>
            {t('address.withdraw')}
          </Button>
        </div>
      )}
    </>
  );
}
