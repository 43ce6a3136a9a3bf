import { reasonOf } from '../api/answer';
import { useMutate } from '../api/useMutate';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { useToasts } from '../ui/toasts';
import { usePending } from './usePending';

const InviteOperatorMutation = graphql(`
  mutation InviteOperator($input: InviteOperatorInput!) {
    inviteOperator(input: $input) {
      operator {
        id
        isInvited
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

interface Invited {
  id: string;
  name: string;
  email?: string | null;
}

export interface Invitation {
  /** Mails a new link, and shows a message. */
  send(operator: Invited): Promise<boolean>;
  isBusy(id: string): boolean;
}

/** Sends invitations again. */
export function useInvitation(): Invitation {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const mutate = useMutate();
  const pending = usePending();

  async function send({ id, name, email }: Invited): Promise<boolean> {
    toasts.clear(id);
    const input = { operatorId: id, language: words.mailLanguage };
    const reason = reasonOf(await mutate(InviteOperatorMutation, { input }), words);
    if (reason) {
      toasts.bad(t('operators.failed', { name, reason }), id);
      return false;
    }
    toasts.good(t('invitation.sent', { name, email: email ?? '' }), id);
    return true;
  }

  return { send: (operator) => pending.run(operator.id, () => send(operator)), isBusy: pending.has };
}
