import { useState } from 'react';
import { Link } from 'react-router';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { TextField } from '../ui/TextField';
import { OpenElsewhere } from './OpenElsewhere';
import { PublicPage } from './PublicPage';

const RequestRecoveryMutation = graphql(`
  mutation RequestPasswordRecovery($input: RequestPasswordRecoveryInput!) {
    requestPasswordRecovery(input: $input) {
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export function ForgotPasswordPage() {
  const { t, mailLanguage } = useWords();
  const [email, setEmail] = useState('');
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm(['email']);

  async function request() {
    const { isGranted } = await form.send(RequestRecoveryMutation, {
      input: { email, language: mailLanguage },
    });
    if (isGranted) {
      setSentTo(email);
    }
  }

  return (
    <PublicPage title={t('forgotten.title')} lead={sentTo === null ? t('forgotten.lead') : undefined}>
      {sentTo === null ? (
        <form ref={form.ref} onSubmit={form.onSubmit(request)} noValidate>
          <Notice kind="bad">{form.general}</Notice>
          <OpenElsewhere error={form.error} />
          <TextField
            label={t('field.email')}
            name="email"
            type="email"
            autoComplete="username"
            value={email}
            onChange={setEmail}
            faults={form.faults.email}
            autoFocus
          />
          <Button kind="primary" type="submit" busy={form.busy}>
            {t('forgotten.submit')}
          </Button>
        </form>
      ) : (
        <Notice kind="good">{t('forgotten.sent', { email: sentTo })}</Notice>
      )}
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/">{t('signIn.title')}</Link>
      </nav>
    </PublicPage>
  );
}
