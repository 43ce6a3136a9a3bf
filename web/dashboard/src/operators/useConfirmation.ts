import { reasonOf } from '../api/answer';
import { useMutate } from '../api/useMutate';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { useToasts } from '../ui/toasts';
import { usePending } from './usePending';

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
  const mutate = useMutate();
  const pending = usePending();

  async function send(id: string, email: string): Promise<boolean> {
    toasts.clear();
    const input = { operatorId: id, language: words.mailLanguage };
    const reason = reasonOf(await mutate(RequestConfirmationMutation, { input }), words);
    if (reason) {
      toasts.bad(reason);
      return false;
    }
    toasts.good(t('address.linkSent', { email }));
    return true;
  }

  return { busy: pending.any, send: (id, email) => pending.run(id, () => send(id, email)) };
}
