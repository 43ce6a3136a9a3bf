import { useState } from 'react';
import { useForm } from '../api/useForm';
import { useViewer } from '../api/viewer';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { NewPasswordField } from '../sign-in/NewPasswordField';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { PasswordField } from '../ui/PasswordField';
import { useToasts } from '../ui/toasts';
import { useUnsaved } from '../ui/Unsaved';

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
  const { t, mailLanguage } = useWords();
  const toasts = useToasts();
  const viewer = useViewer();
  const [typed, setTyped] = useState(EMPTY);
  const form = useForm(Object.keys(EMPTY));
  useUnsaved(typed.currentPassword !== '' || typed.newPassword !== '');

  async function save() {
    const { isGranted, problems } = await form.send(ChangePasswordMutation, {
      input: { ...typed, language: mailLanguage },
    });
    if (isGranted) {
      setTyped(EMPTY);
      toasts.good(t('profile.passwordChanged'));
    } else if (typed.currentPassword === '' && problems.some((one) => one.__typename === 'InvalidCredentials')) {
      form.show((faults) => ({ ...faults, currentPassword: [t('invalid.EMPTY')] }));
    }
  }

  return (
    <section className="card" aria-labelledby="change-password">
      <h2 id="change-password">{t('profile.changePassword')}</h2>
      <form className="narrow" ref={form.ref} onSubmit={form.onSubmit(save)} noValidate>
        {/* Tells a password manager whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={viewer.email ?? ''} readOnly hidden />
        <Notice kind="bad">{form.general}</Notice>
        <PasswordField
          label={t('field.currentPassword')}
          name="currentPassword"
          autoComplete="current-password"
          value={typed.currentPassword}
          onChange={(currentPassword) => setTyped({ ...typed, currentPassword })}
          faults={form.faults.currentPassword}
        />
        <NewPasswordField
          label={t('field.newPassword')}
          name="newPassword"
          value={typed.newPassword}
          onChange={(newPassword) => setTyped({ ...typed, newPassword })}
          faults={form.faults.newPassword}
        />
        <Button kind="primary" type="submit" busy={form.busy}>
          {t('profile.savePassword')}
        </Button>
        <p className="hint">{t('profile.othersSignedOut')}</p>
      </form>
    </section>
  );
}
