import type { FormEvent } from 'react';
import type { OperatorProfileFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { AddressState } from '../operators/AddressState';
import { summaryOf } from '../operators/answer';
import { ProfileFields } from '../operators/ProfileFields';
import { useProfileDraft } from '../operators/useProfileDraft';
import { VisitorPreview } from '../operators/VisitorPreview';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { useToasts } from '../ui/toasts';
import { useUnsaved } from '../ui/Unsaved';
import { useFocusFirstFault } from '../ui/useFocusFirstFault';

export function OwnProfile(props: { operator: OperatorProfileFragment }) {
  const words = useWords();
  const { t } = words;
  const focusFirstFault = useFocusFirstFault();
  const toasts = useToasts();
  const draft = useProfileDraft(props.operator, true);
  useUnsaved(draft.changed);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    if (await draft.save()) {
      toasts.good(t('form.saved'));
    } else {
      focusFirstFault(form);
    }
  }

  return (
    <div className="with-preview">
      <form className="card" onSubmit={submit} noValidate>
        <Notice kind="bad">{summaryOf(draft.faults, words)}</Notice>
        <AddressState operator={props.operator} />
        <ProfileFields
          form={draft}
          own
          emailHint={draft.password ? t('operator.ownNewEmail') : undefined}
          password={draft.password}
        />
        <Button kind="primary" type="submit" busy={draft.saving} disabled={!draft.changed}>
          {t('form.save')}
        </Button>
      </form>
      <VisitorPreview form={draft} />
    </div>
  );
}
