import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { type Faults, sortByField, trouble } from '../api/problems';
import { useViewer } from '../api/viewer';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { NewPasswordField } from '../sign-in/NewPasswordField';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { PasswordField } from '../ui/PasswordField';
import { useToasts } from '../ui/toasts';
import { useUnsaved } from '../ui/Unsaved';
import { useFocusFirstFault } from '../ui/useFocusFirstFault';

const ChangePasswordMutation = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      viewer {
        id
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const EMPTY = { currentPassword: '', newPassword: '' };

export function ChangePassword() {
  const words = useWords();
  const { t } = words;
  const focusFirstFault = useFocusFirstFault();
  const toasts = useToasts();
  const viewer = useViewer();
  const [typed, setTyped] = useState(EMPTY);
  const [faults, setFaults] = useState<Faults>({});
  const [{ fetching }, change] = useMutation(ChangePasswordMutation);
  useUnsaved(typed.currentPassword !== '' || typed.newPassword !== '');

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    if (fetching) {
      return;
    }
    const { data, error } = await change({ input: typed });
    const said = trouble(error, words);
    const problems = data?.changePassword?.userErrors ?? [];
    // A wrong current password and wrong sign-in credentials are the same kind of error.
    const wrong = problems.some((one) => one.__typename === 'InvalidCredentials');
    const rest = problems.filter((one) => one.__typename !== 'InvalidCredentials');
    setFaults({
      ...(said ? { '': [said] } : sortByField(rest, Object.keys(EMPTY), words)),
      ...(wrong && {
        currentPassword: [t(typed.currentPassword === '' ? 'invalid.EMPTY' : 'profile.wrongPassword')],
      }),
    });
    if (!said && problems.length === 0) {
      setTyped(EMPTY);
      toasts.good(t('profile.passwordChanged'));
    }
    focusFirstFault(form);
  }

  return (
    <section className="card" aria-labelledby="change-password">
      <h2 id="change-password">{t('profile.changePassword')}</h2>
      <form className="narrow" onSubmit={submit} noValidate>
        {/* Tells a password manager whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={viewer.email ?? ''} readOnly hidden />
        <Notice kind="bad">{faults['']?.join(' ')}</Notice>
        <PasswordField
          label={t('field.currentPassword')}
          name="currentPassword"
          autoComplete="current-password"
          value={typed.currentPassword}
          onChange={(currentPassword) => setTyped({ ...typed, currentPassword })}
          faults={faults.currentPassword}
        />
        <NewPasswordField
          label={t('field.newPassword')}
          name="newPassword"
          value={typed.newPassword}
          onChange={(newPassword) => setTyped({ ...typed, newPassword })}
          faults={faults.newPassword}
        />
        <Button kind="primary" type="submit" busy={fetching}>
          {t('profile.savePassword')}
        </Button>
        <p className="hint">{t('profile.othersSignedOut')}</p>
      </form>
    </section>
  );
}
