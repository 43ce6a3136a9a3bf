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

export function OwnProfile(props: { operator: OperatorProfileFragment }) {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const draft = useProfileDraft(props.operator, true);
  useUnsaved(draft.changed);

  async function save() {
    if (await draft.save()) {
      toasts.good(t('form.saved'));
    }
  }

  return (
    <div className="with-preview">
      <form className="card" ref={draft.ref} onSubmit={draft.onSubmit(save)} noValidate>
        <Notice kind="bad">{summaryOf(draft.faults, words)}</Notice>
        <AddressState operator={props.operator} />
        <ProfileFields
          form={draft}
          own
          emailHint={draft.password ? t('operator.ownNewEmail') : undefined}
          password={draft.password}
        />
        <Button kind="primary" type="submit" busy={draft.busy} disabled={!draft.changed}>
          {t('form.save')}
        </Button>
      </form>
      <VisitorPreview form={draft} />
    </div>
  );
}
