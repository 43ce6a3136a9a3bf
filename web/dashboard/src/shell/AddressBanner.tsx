import { useState } from 'react';
import { useMutation } from 'urql';
import { explain, trouble } from '../api/problems';
import { useViewer } from '../api/viewer';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { useToasts } from '../ui/toasts';

const RequestConfirmationMutation = graphql(`
  mutation RequestAddressConfirmation($input: RequestAddressConfirmationInput!) {
    requestAddressConfirmation(input: $input) {
      operator {
        id
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

/** Mails another link to confirm an address, and shows a message. */
export function useConfirmation(): { busy: boolean; send(id: string, email: string): Promise<boolean> } {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const [{ fetching }, request] = useMutation(RequestConfirmationMutation);

  async function send(id: string, email: string): Promise<boolean> {
    const { data, error } = await request({ input: { operatorId: id } });
    const problems = data?.requestAddressConfirmation?.userErrors ?? [];
    const reason = trouble(error, words) ?? problems.flatMap((one) => explain(one, words)).join(' ');
    if (reason) {
      toasts.bad(reason);
      return false;
    }
    toasts.good(t('address.linkSent', { email }));
    return true;
  }

  return { busy: fetching, send };
}

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
