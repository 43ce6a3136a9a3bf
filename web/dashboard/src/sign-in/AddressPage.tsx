// The pages of the links about an address: `/confirm-address#token=…` and
// `/restore-address#token=…`.
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { trouble } from '../api/problems';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { AboutLink, type MailedLink, ReleaseAddress, useMailedLink } from './mailedLink';
import { NewPasswordField } from './NewPasswordField';
import { OpenElsewhere } from './OpenElsewhere';
import { PublicPage } from './PublicPage';
import { takeToken } from './token';

const ConfirmAddressMutation = graphql(`
  mutation ConfirmAddress($input: ConfirmAddressInput!) {
    confirmAddress(input: $input) {
      operator {
        id
        email
        pendingEmail
        isEmailConfirmed
        isEmailConfirmationDue
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const RestoreAddressMutation = graphql(`
  mutation RestoreAddress($input: RestoreAddressInput!) {
    restoreAddress(input: $input) {
      operator {
        id
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export function AddressPage(props: { restores: boolean }) {
  const { t } = useWords();
  const [token, setToken] = useState(takeToken);
  const [done, setDone] = useState<string | null>(null);
  const { link, error } = useMailedLink(token);
  // A used link cannot be read again, so the page keeps what it showed.
  const [shown, setShown] = useState<MailedLink | null>(null);
  if (link && link !== shown) {
    setShown(link);
  }
  const words = useWords();

  // Opening another link in the same tab changes only the fragment, without loading the page.
  useEffect(() => {
    const onLink = () => {
      if (location.hash) {
        setToken(takeToken());
        setDone(null);
        setShown(null);
      }
    };
    addEventListener('hashchange', onLink);
    return () => removeEventListener('hashchange', onLink);
  }, []);

  return (
    <PublicPage title={t(props.restores ? 'address.restoreTitle' : 'address.confirmTitle')}>
      <Notice kind="good">{done}</Notice>
      <Notice kind="bad">{trouble(error, words)}</Notice>
      <OpenElsewhere error={error} fragment={`#token=${token}`} />
      {token === '' && <Notice kind="bad">{t('choose.noToken')}</Notice>}
      {done === null && token !== '' && link === null && <Notice kind="bad">{t('problem.InvalidLink')}</Notice>}
      {done === null && shown && (
        <>
          <AboutLink link={shown} />
          {!shown.isEmailTaken && <UseLink token={token} link={shown} onDone={setDone} />}
          {shown.isReleasable && (
            <ReleaseAddress token={token} link={shown} onReleased={(email) => setDone(t('link.released', { email }))} />
          )}
        </>
      )}
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/">{t(done === null ? 'signIn.title' : 'address.goOn')}</Link>
      </nav>
    </PublicPage>
  );
}

function UseLink(props: { token: string; link: MailedLink; onDone(message: string): void }) {
  const { t, mailLanguage: language } = useWords();
  const { link, token } = props;
  const form = useForm(['newPassword']);
  const [newPassword, setNewPassword] = useState('');
  const restores = link.effect === 'RESTORE_ADDRESS';

  async function use() {
    const { isGranted } = restores
      ? await form.send(RestoreAddressMutation, { input: { token, language } })
      : await form.send(ConfirmAddressMutation, {
          input: { token, newPassword: link.isNewPasswordNeeded ? newPassword : null, language },
        });
    if (isGranted) {
      props.onDone(t(restores ? 'address.restored' : 'address.confirmed', { email: link.email }));
    }
  }

  return (
    <form ref={form.ref} onSubmit={form.onSubmit(use)} noValidate>
      <Notice kind="bad">{form.general}</Notice>
      {link.isNewPasswordNeeded && !restores && (
        <>
          <p className="hint">{t('address.whyPassword')}</p>
          <NewPasswordField
            label={t('field.newPassword')}
            name="newPassword"
            value={newPassword}
            onChange={setNewPassword}
            faults={form.faults.newPassword}
          />
        </>
      )}
      <Button kind="primary" type="submit" busy={form.busy}>
        {t(restores ? 'address.restore' : 'address.confirm')}
      </Button>
    </form>
  );
}
