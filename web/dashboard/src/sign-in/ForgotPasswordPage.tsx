import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { useMutation } from 'urql';
import { type Faults, sortByField, trouble } from '../api/problems';
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
  const words = useWords();
  const { t } = words;
  const [email, setEmail] = useState('');
  const [faults, setFaults] = useState<Faults>({});
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [{ fetching, error: failure }, request] = useMutation(RequestRecoveryMutation);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) {
      return;
    }
    const { data, error } = await request({ input: { email } });
    const problems = data?.requestPasswordRecovery?.userErrors ?? [];
    const said = trouble(error, words);
    setFaults(said ? { '': [said] } : sortByField(problems, ['email'], words));
    if (!error && problems.length === 0) {
      setSentTo(email);
    }
  }

  return (
    <PublicPage title={t('forgotten.title')} lead={sentTo === null ? t('forgotten.lead') : undefined}>
      {sentTo === null ? (
        <form onSubmit={submit} noValidate>
          <Notice kind="bad">{faults['']?.join(' ')}</Notice>
          <OpenElsewhere error={failure} />
          <TextField
            label={t('field.email')}
            name="email"
            type="email"
            autoComplete="username"
            value={email}
            onChange={setEmail}
            faults={faults.email}
            autoFocus
          />
          <Button kind="primary" type="submit" busy={fetching}>
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
