import { useState } from 'react';
import { useSession } from '../api/session';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { PasswordField } from '../ui/PasswordField';
import { TextField } from '../ui/TextField';
import { OpenElsewhere } from './OpenElsewhere';

const SignInMutation = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      viewer {
        ...ViewerFields
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export function SignInForm(props: { email?: string }) {
  const { t } = useWords();
  const session = useSession();
  const [email, setEmail] = useState(props.email ?? '');
  const [password, setPassword] = useState('');
  const form = useForm([]);

  async function signIn() {
    // A screen reader announces the same text only if it appears again.
    form.clear();
    const missing = [email.trim() === '' && 'email', password === '' && 'password'].filter((field) => field !== false);
    if (missing.length > 0) {
      form.show(() => Object.fromEntries(missing.map((field) => [field, [t('invalid.EMPTY')]])));
      return;
    }
    const { payload } = await form.send(SignInMutation, { input: { email, password } });
    if (payload?.viewer) {
      session.begin(payload.viewer);
    }
  }

  return (
    <form ref={form.ref} onSubmit={form.onSubmit(signIn)} noValidate>
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
        autoFocus={!props.email}
      />
      <PasswordField
        label={t('field.password')}
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        faults={form.faults.password}
        autoFocus={Boolean(props.email)}
      />
      <Button kind="primary" type="submit" busy={form.busy}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
