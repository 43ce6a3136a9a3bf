import { useState } from 'react';
import { Link, Navigate } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '../api/session';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { TextField } from '../ui/TextField';
import { NewPasswordField } from './NewPasswordField';
import { OpenElsewhere } from './OpenElsewhere';
import { PublicPage } from './PublicPage';
import { CREATE_COMMAND, ServerInfoQuery } from './serverInfo';

const SignUpMutation = graphql(`
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      viewer {
        ...ViewerFields
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const EMPTY = { accountName: '', name: '', email: '', password: '' };

export function SignUpPage() {
  const { t, mailLanguage } = useWords();
  const session = useSession();
  const [{ data: info, fetching }, readInfo] = useQuery({ query: ServerInfoQuery });
  const [typed, setTyped] = useState(EMPTY);
  const form = useForm(Object.keys(EMPTY));
  const type = (field: keyof typeof EMPTY) => (value: string) => setTyped((before) => ({ ...before, [field]: value }));

  async function signUp() {
    const { payload, problems } = await form.send(SignUpMutation, { input: { ...typed, language: mailLanguage } });
    if (payload?.viewer) {
      session.begin(payload.viewer);
    }
    // Another user was first.
    if (problems.some((one) => one.__typename === 'SignUpClosed')) {
      readInfo({ requestPolicy: 'network-only' });
    }
  }

  // The title depends on the server.
  if (fetching && !info) {
    return null;
  }
  const isNew = info?.server.hasAccount === false;
  if (session.state.is === 'signedIn') {
    return <Navigate to="/" replace />;
  }
  if (info?.server.isSignUpOpen === false) {
    return (
      <PublicPage
        title={t('signUp.closedTitle')}
        lead={isNew ? t('signIn.noAccount', { command: CREATE_COMMAND }) : t('problem.SignUpClosed')}
      >
        <nav className="links" aria-label={t('signIn.more')}>
          <Link to="/">{t('signIn.title')}</Link>
        </nav>
      </PublicPage>
    );
  }
  return (
    <PublicPage
      title={t(isNew ? 'signUp.firstTitle' : 'signUp.title')}
      lead={t(isNew ? 'signUp.firstLead' : session.hasPlans ? 'signUp.lead' : 'signUp.leadWithoutPlans')}
    >
      <form ref={form.ref} onSubmit={form.onSubmit(signUp)} noValidate>
        <Notice kind="bad">{form.general}</Notice>
        <OpenElsewhere error={form.error} />
        <TextField
          label={t('field.accountName')}
          name="accountName"
          autoComplete="organization"
          value={typed.accountName}
          onChange={type('accountName')}
          faults={form.faults.accountName}
          autoFocus
        />
        <TextField
          label={t('field.yourName')}
          name="name"
          autoComplete="name"
          value={typed.name}
          onChange={type('name')}
          faults={form.faults.name}
        />
        <TextField
          label={t('field.email')}
          name="email"
          type="email"
          autoComplete="username"
          value={typed.email}
          onChange={type('email')}
          faults={form.faults.email}
        />
        <NewPasswordField
          label={t('field.password')}
          name="password"
          value={typed.password}
          onChange={type('password')}
          faults={form.faults.password}
        />
        <Button kind="primary" type="submit" busy={form.busy}>
          {t('signUp.submit')}
        </Button>
      </form>
      {!isNew && (
        <nav className="links" aria-label={t('signIn.more')}>
          <Link to="/">{t('signUp.signIn')}</Link>
        </nav>
      )}
    </PublicPage>
  );
}
