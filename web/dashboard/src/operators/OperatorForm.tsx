import { useEffect, useRef, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { useViewer } from '../api/viewer';
import type { OperatorDetailsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { useToasts } from '../ui/toasts';
import { Unsaved } from '../ui/Unsaved';
import { AccessLevelField } from './AccessLevelField';
import { ActivityDialogs } from './ActivityDialogs';
import { AddressState } from './AddressState';
import { summaryOf } from './answer';
import { arrivalOf } from './arrival';
import { OperatorActivity } from './OperatorActivity';
import { PasswordState } from './PasswordState';
import { ProfileFields } from './ProfileFields';
import { RemoveOperator } from './RemoveOperator';
import { useActivity } from './useActivity';
import { useProfileDraft } from './useProfileDraft';
import { VisitorPreview } from './VisitorPreview';

/** The form of an operator, next to the visitors' preview and the activity. */
export function OperatorForm({ operator }: { operator: OperatorDetailsFragment }) {
  const words = useWords();
  const { t } = words;
  const viewer = useViewer();
  const toasts = useToasts();
  const activity = useActivity();
  const navigate = useNavigate();
  const { pathname, state } = useLocation();
  const [arrival] = useState(() => arrivalOf(state));
  const isSelf = operator.id === viewer.id;
  const draft = useProfileDraft(operator, isSelf, arrival ?? undefined);

  const takeArrival = useRef(() => {
    if (arrival && arrival.noSeat !== null) {
      activity.offerSeat(operator, arrival.noSeat, arrival.news);
    }
    if (arrival) {
      // Shown once: not again after a reload.
      void navigate(pathname, { replace: true, state: null });
    }
  });
  useEffect(() => takeArrival.current(), []);

  async function save() {
    if (await draft.save()) {
      toasts.good(t('form.saved'));
    }
  }

  return (
    <Page title={operator.name} actions={<Link to="/settings/operators">{t('operators.back')}</Link>}>
      <div className="with-preview">
        <form className="card" ref={draft.ref} onSubmit={draft.onSubmit(save)} noValidate>
          <Unsaved changed={draft.changed} />
          <Notice kind="bad">{summaryOf(draft.faults, words)}</Notice>
          <AccessLevelField form={draft} locked={levelLock()} />
          <AddressState operator={operator} />
          <ProfileFields
            form={draft}
            own={isSelf}
            emailLocked={operator.isOwner && !isSelf && operator.email ? t('operator.ownersEmail') : undefined}
            emailHint={emailHint()}
            password={draft.password}
          />
          <PasswordState operator={operator} isSelf={isSelf} />
          <div className="actions">
            <Button kind="primary" type="submit" busy={draft.busy} disabled={!draft.changed}>
              {t('form.save')}
            </Button>
          </div>
        </form>
        <div className="beside">
          <OperatorActivity operator={operator} activity={activity} />
          <VisitorPreview form={draft} hint={previewHint()} />
        </div>
        <RemoveOperator operator={operator} isSelf={isSelf} />
      </div>
      <ActivityDialogs activity={activity} />
    </Page>
  );

  function levelLock(): string | undefined {
    if (operator.isOwner) {
      return t('operator.ownersLevel');
    }
    return isSelf ? t('operator.ownLevel') : undefined;
  }

  /** What must happen before visitors see the operator. */
  function previewHint(): string | undefined {
    if (!operator.isActive) {
      return t('preview.inactive');
    }
    return operator.isInvited ? t('preview.invited') : undefined;
  }

  /** The effect of a new address, once one is entered. */
  function emailHint(): string | undefined {
    if (draft.typed.email === undefined) {
      return undefined;
    }
    if (isSelf) {
      return t('operator.ownNewEmail');
    }
    return operator.isInvited ? t('operator.newEmailInvited') : t('operator.newEmail');
  }
}
