// The page of a recovery link: `/recover-password#token=…`. The token is in the fragment, which
// browsers do not send. It leaves this page only in the body of the request.
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { AboutLink, ReleaseAddress, useMailedLink } from './mailedLink';
import { NewPasswordField } from './NewPasswordField';
import { OpenElsewhere } from './OpenElsewhere';
import { PublicPage } from './PublicPage';
import { takeToken } from './token';

const RecoverPasswordMutation = graphql(`
  mutation RecoverPassword($input: RecoverPasswordInput!) {
    recoverPassword(input: $input) {
      viewer {
        id
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export function ChoosePasswordPage() {
  const { t, mailLanguage } = useWords();
  const [token, setToken] = useState(takeToken);
  const [password, setPassword] = useState('');
  const form = useForm(['newPassword']);
  const { clear } = form;
  const [isSet, setIsSet] = useState(false);
  const [isLinkInvalid, setIsLinkInvalid] = useState(false);
  const [released, setReleased] = useState<string | null>(null);

  // Opening another link in the same tab changes only the fragment, without loading the page.
  useEffect(() => {
    const onLink = () => {
      if (location.hash) {
        setToken(takeToken());
        clear();
        setIsSet(false);
        setIsLinkInvalid(false);
        setReleased(null);
      }
    };
    addEventListener('hashchange', onLink);
    return () => removeEventListener('hashchange', onLink);
  }, [clear]);

  async function recover() {
    const variables = { input: { token, newPassword: password, language: mailLanguage } };
    const { isGranted, problems } = await form.send(RecoverPasswordMutation, variables);
    setIsLinkInvalid(problems.some((one) => one.__typename === 'InvalidLink' || one.__typename === 'IncompleteLink'));
    if (isGranted) {
      setToken('');
      setPassword('');
      setIsSet(true);
    }
  }

  const { link } = useMailedLink(token);
  const showsForm = token !== '' && !isSet && released === null && !link?.isEmailTaken;
  return (
    <PublicPage title={t('choose.recoveryTitle')} lead={showsForm && !link ? t('choose.recoveryLead') : undefined}>
      <Notice kind="bad">{form.general}</Notice>
      <OpenElsewhere error={form.error} fragment={`#token=${token}`} />
      {token === '' && !isSet && <Notice kind="bad">{t('choose.noToken')}</Notice>}
      {isSet && <Notice kind="good">{t('choose.done')}</Notice>}
      {released !== null && <Notice kind="good">{t('link.released', { email: released })}</Notice>}
      {link && released === null && !isSet && <AboutLink link={link} />}
      {showsForm && (
        <form ref={form.ref} onSubmit={form.onSubmit(recover)} noValidate>
          <NewPasswordField
            label={t('field.newPassword')}
            name="newPassword"
            value={password}
            onChange={setPassword}
            faults={form.faults.newPassword}
            autoFocus
          />
          <Button kind="primary" type="submit" busy={form.busy}>
            {t(link?.isReleasable ? 'address.confirm' : 'choose.submit')}
          </Button>
        </form>
      )}
      {showsForm && link?.isReleasable && <ReleaseAddress token={token} link={link} onReleased={setReleased} />}
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/">{t('signIn.title')}</Link>
        {(isLinkInvalid || (!showsForm && !isSet)) && <Link to="/forgot-password">{t('choose.another')}</Link>}
      </nav>
    </PublicPage>
  );
}
