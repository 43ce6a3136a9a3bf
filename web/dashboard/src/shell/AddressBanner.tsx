import { useState } from 'react';
import { useViewer } from '../api/viewer';
import { useWords } from '../i18n';
import { useConfirmation } from '../operators/useConfirmation';
import { Button } from '../ui/Button';

/** Reminds an operator whose address has been unconfirmed for a week. */
export function AddressBanner() {
  const { t } = useWords();
  const viewer = useViewer();
  const confirmation = useConfirmation();
  const [isSent, setIsSent] = useState(false);
  const email = viewer.email;
  if (!viewer.isEmailConfirmationDue || !email) {
    return null;
  }
  return (
    <section className="notice info" aria-label={t('address.confirmTitle')}>
      <p>{t('address.due', { email })}</p>
      {!isSent && (
        <Button
          busy={confirmation.busy}
          onClick={() => void confirmation.send(viewer.id, email).then((sent) => sent && setIsSent(true))}
        >
          {t('address.sendLink')}
        </Button>
      )}
    </section>
  );
}
