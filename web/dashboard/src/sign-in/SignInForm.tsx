import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { explain, trouble } from '../api/problems';
import { useSession } from '../api/session';
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
  const words = useWords();
  const { t } = words;
  const session = useSession();
  const [email, setEmail] = useState(props.email ?? '');
  const [password, setPassword] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const [{ fetching, error: failure }, signIn] = useMutation(SignInMutation);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) {
      return;
    }
    setRefusal(null);
    const { data, error } = await signIn({ input: { email, password } });
    if (data?.signIn?.viewer) {
      session.begin(data.signIn.viewer);
      return;
    }
    const problems = data?.signIn?.userErrors ?? [];
    setRefusal(problems.length > 0 ? problems.flatMap((one) => explain(one, words)).join(' ') : trouble(error, words));
  }

  return (
    <form onSubmit={submit} noValidate>
      <Notice kind="bad">{refusal}</Notice>
      <OpenElsewhere error={failure} />
      <TextField
        label={t('field.email')}
        name="email"
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        autoFocus={!props.email}
      />
      <PasswordField
        label={t('field.password')}
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        autoFocus={Boolean(props.email)}
      />
      <Button kind="primary" type="submit" busy={fetching}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
