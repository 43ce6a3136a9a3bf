import { useState } from 'react';
import { useForm } from '../api/useForm';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { TextField } from '../ui/TextField';
import { useToasts } from '../ui/toasts';
import { Unsaved } from '../ui/Unsaved';
import { UpdateAccountMutation } from './update';

export function AccountName(props: { name: string }) {
  const { t } = useWords();
  const toasts = useToasts();
  const [typed, setTyped] = useState<string | null>(null);
  const form = useForm(['name']);
  const name = typed ?? props.name;

  async function save() {
    const { isGranted } = await form.send(UpdateAccountMutation, { input: { name } });
    if (isGranted) {
      // Keeps what was typed while saving.
      setTyped((now) => (now === typed ? null : now));
      toasts.good(t('form.saved'));
    }
  }

  return (
    <section className="card" aria-labelledby="account-name">
      <h2 id="account-name">{t('account.name')}</h2>
      <form className="narrow" ref={form.ref} onSubmit={form.onSubmit(save)} noValidate>
        <Unsaved changed={name !== props.name} />
        <Notice kind="bad">{form.general}</Notice>
        <TextField
          label={t('field.accountName')}
          name="accountName"
          autoComplete="organization"
          value={name}
          onChange={setTyped}
          faults={form.faults.name}
        />
        <Button kind="primary" type="submit" busy={form.busy} disabled={name === props.name}>
          {t('form.save')}
        </Button>
      </form>
    </section>
  );
}
