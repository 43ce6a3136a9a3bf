// The subject of a mailed link. Reading it changes nothing: only a button uses the link, because
// mail scanners open links and run scripts.
import { useQuery } from 'urql';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import type { MailedLinkFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';

export const MailedLinkFields = graphql(`
  fragment MailedLinkFields on MailedLink {
    effect
    accountName
    operatorName
    inviterName
    email
    isNewPasswordNeeded
    isReleasable
    isEmailTaken
    isEmailMoved
  }
`);

const MailedLinkQuery = graphql(`
  query MailedLink($token: String!) {
    mailedLink(token: $token) {
      ...MailedLinkFields
    }
  }
`);

const ReleaseAddressMutation = graphql(`
  mutation ReleaseAddress($input: ReleaseAddressInput!) {
    releaseAddress(input: $input) {
      releasedEmail
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export type MailedLink = MailedLinkFieldsFragment;

/** The link of a token; `undefined` while it loads or if loading failed, null if it is invalid. */
export function useMailedLink(token: string) {
  const [{ data, error, operation }] = useQuery({
    query: MailedLinkQuery,
    variables: { token },
    pause: token === '',
    requestPolicy: 'network-only',
  });
  // Until the response arrives, the hook returns the one for the previous link.
  const isAnswer = operation?.variables.token === token;
  if (token === '' || !isAnswer) {
    return { link: token === '' ? null : undefined, error: undefined };
  }
  return { link: data?.mailedLink, error };
}

/** Account, inviter and effect of a link. */
export function AboutLink({ link }: { link: MailedLink }) {
  const { t } = useWords();
  const { accountName: account, operatorName: operator, inviterName: inviter, email } = link;
  return (
    <>
      <p>{effect()}</p>
      {link.isEmailMoved && <p>{t('link.moves', { email })}</p>}
      {link.isEmailTaken && <Notice kind="bad">{t('link.taken', { email })}</Notice>}
    </>
  );

  function effect(): string {
    switch (link.effect) {
      case 'ACCEPT_INVITATION':
        return inviter
          ? t('link.invitedBy', { inviter, operator, account, email })
          : t('link.invited', { operator, account, email });
      case 'RECOVER_PASSWORD':
        return inviter && link.isReleasable
          ? t('link.recoversAddedBy', { inviter, operator, account, email })
          : t('link.recovers', { operator, account, email });
      case 'CONFIRM_ADDRESS':
        return inviter
          ? t('link.confirmsAddedBy', { inviter, operator, account, email })
          : t('link.confirms', { operator, account, email });
      case 'CHANGE_ADDRESS':
        return t('link.changes', { operator, account, email });
      case 'RESTORE_ADDRESS':
        return t('link.restores', { operator, account, email });
      default:
        return account;
    }
  }
}

/** Removes the address from the profile, for a recipient who does not know the profile. */
export function ReleaseAddress(props: { token: string; link: MailedLink; onReleased(email: string): void }) {
  const { t } = useWords();
  const form = useForm([]);

  async function release() {
    const { payload } = await form.send(ReleaseAddressMutation, { input: { token: props.token } });
    if (payload?.releasedEmail) {
      props.onReleased(payload.releasedEmail);
    }
  }

  return (
    <section className="field" aria-labelledby="not-mine">
      <h2 id="not-mine" className="label">
        {t('link.notMine')}
      </h2>
      <p className="hint">
        {props.link.effect === 'CHANGE_ADDRESS' ? t('link.releasePendingHint') : t('link.releaseHint')}
      </p>
      <Notice kind="bad">{form.general}</Notice>
      <Button busy={form.busy} onClick={() => void form.run(release)}>
        {t('link.release')}
      </Button>
    </section>
  );
}
