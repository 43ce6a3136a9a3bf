import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { type Faults, sortByField, trouble } from '../api/problems';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { TextField } from '../ui/TextField';
import { useToasts } from '../ui/toasts';
import { Unsaved } from '../ui/Unsaved';
import { useFocusFirstFault } from '../ui/useFocusFirstFault';

const UpdateAccountMutation = graphql(`
  mutation UpdateAccount($input: UpdateAccountInput!) {
    updateAccount(input: $input) {
      account {
        ...AccountFields
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export function AccountName(props: { name: string }) {
  const words = useWords();
  const { t } = words;
  const focusFirstFault = useFocusFirstFault();
  const toasts = useToasts();
  const [typed, setTyped] = useState<string | null>(null);
  const [faults, setFaults] = useState<Faults>({});
  const [{ fetching }, update] = useMutation(UpdateAccountMutation);
  const name = typed ?? props.name;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    if (fetching) {
      return;
    }
    const { data, error } = await update({ input: { name } });
    const problems = data?.updateAccount?.userErrors ?? [];
    const said = trouble(error, words);
    setFaults(said ? { '': [said] } : sortByField(problems, ['name'], words));
    if (!said && problems.length === 0) {
      // Keeps what was typed while saving.
      setTyped((now) => (now === typed ? null : now));
      toasts.good(t('form.saved'));
    }
    focusFirstFault(form);
  }

  return (
    <section className="card" aria-labelledby="account-name">
      <h2 id="account-name">{t('account.name')}</h2>
      <form className="narrow" onSubmit={submit} noValidate>
        <Unsaved changed={name !== props.name} />
        <Notice kind="bad">{faults['']?.join(' ')}</Notice>
        <TextField
          label={t('field.accountName')}
          name="accountName"
          autoComplete="organization"
          value={name}
          onChange={setTyped}
          faults={faults.name}
        />
        <Button kind="primary" type="submit" busy={fetching} disabled={name === props.name}>
          {t('form.save')}
        </Button>
      </form>
    </section>
  );
}
