import { type FormEvent, useState } from 'react';
import { Link, Navigate } from 'react-router';
import { useMutation, useQuery } from 'urql';
import { type Faults, sortByField, trouble } from '../api/problems';
import { useSession } from '../api/session';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { TextField } from '../ui/TextField';
import { useFocusFirstFault } from '../ui/useFocusFirstFault';
import { DoorQuery } from './door';
import { NewPasswordField } from './NewPasswordField';
import { OpenElsewhere } from './OpenElsewhere';
import { PublicPage } from './PublicPage';

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
  const words = useWords();
  const { t } = words;
  const focusFirstFault = useFocusFirstFault();
  const session = useSession();
  const [{ data: door }] = useQuery({ query: DoorQuery });
  const [typed, setTyped] = useState(EMPTY);
  const [faults, setFaults] = useState<Faults>({});
  const [{ fetching, error: failure }, signUp] = useMutation(SignUpMutation);
  const type = (field: keyof typeof EMPTY) => (value: string) => setTyped((before) => ({ ...before, [field]: value }));

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    if (fetching) {
      return;
    }
    const { data, error } = await signUp({ input: typed });
    if (data?.signUp?.viewer) {
      session.begin(data.signUp.viewer);
      return;
    }
    const said = trouble(error, words);
    setFaults(said ? { '': [said] } : sortByField(data?.signUp?.userErrors ?? [], Object.keys(EMPTY), words));
    focusFirstFault(form);
  }

  if (session.state.is === 'signedIn') {
    return <Navigate to="/" replace />;
  }
  if (door?.server.isSignUpOpen === false) {
    return (
      <PublicPage title={t('signUp.title')}>
        <p>{t('problem.SignUpClosed')}</p>
        <Link to="/">{t('signIn.title')}</Link>
      </PublicPage>
    );
  }
  return (
    <PublicPage title={t('signUp.title')} lead={t('signUp.lead')}>
      <form onSubmit={submit} noValidate>
        <Notice kind="bad">{faults['']?.join(' ')}</Notice>
        <OpenElsewhere error={failure} />
        <TextField
          label={t('field.accountName')}
          name="accountName"
          autoComplete="organization"
          value={typed.accountName}
          onChange={type('accountName')}
          faults={faults.accountName}
          autoFocus
        />
        <TextField
          label={t('field.yourName')}
          name="name"
          autoComplete="name"
          value={typed.name}
          onChange={type('name')}
          faults={faults.name}
        />
        <TextField
          label={t('field.email')}
          name="email"
          type="email"
          autoComplete="username"
          value={typed.email}
          onChange={type('email')}
          faults={faults.email}
        />
        <NewPasswordField
          label={t('field.password')}
          name="password"
          value={typed.password}
          onChange={type('password')}
          faults={faults.password}
        />
        <Button kind="primary" type="submit" busy={fetching}>
          {t('signUp.submit')}
        </Button>
      </form>
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/">{t('signUp.signIn')}</Link>
      </nav>
    </PublicPage>
  );
}
