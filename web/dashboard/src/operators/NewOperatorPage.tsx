// Settings › Operators › Add.
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { useToasts } from '../ui/toasts';
import { SAVED, Unsaved } from '../ui/Unsaved';
import { AccessLevelField } from './AccessLevelField';
import { ActiveAtOnce } from './ActiveAtOnce';
import { summaryOf } from './answer';
import { stateOf } from './arrival';
import type { Profile } from './draft';
import { PasswordChoice } from './PasswordChoice';
import { ProfileFields } from './ProfileFields';
import { useAddOperator } from './useAddOperator';
import { useProfileForm, withoutField } from './useProfileForm';
import { VisitorPreview } from './VisitorPreview';

const EMPTY: Profile = { accessLevel: 'LIMITED', name: '', publicName: '', email: '', description: '' };

export function Component() {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const navigate = useNavigate();
  const form = useProfileForm(EMPTY, null);
  const [password, setPassword] = useState<string | null>(null);
  const [isActive, setIsActive] = useState(false);
  const add = useAddOperator();
  const changed = form.changed || password !== null || isActive;

  async function save() {
    const photo = form.photo.change?.is === 'chosen' ? form.photo.change.file : null;
    const outcome = await add({ profile: form.values, password, isActive, photo });
    if (outcome.is === 'refused') {
      form.show(() => outcome.faults);
      return;
    }
    const { operatorId, name, email, isInvited, noSeat, photoFaults } = outcome;
    const news = isInvited ? t('operators.addedAndInvited', { name, email }) : t('operators.added', { name });
    const isLeft = form.ref.current === null;
    // A dialog would cover the message, so it shows the news itself.
    if (isLeft || noSeat === null) {
      toasts.good(news);
    }
    if (isLeft) {
      // The user has left this page: do not navigate away from where they may be typing.
      if (photoFaults) {
        toasts.bad(t('operators.failed', { name, reason: Object.values(photoFaults).flat().join(' ') }));
      }
      return;
    }
    if (noSeat !== null || photoFaults) {
      // The operator has been added. Remaining problems are solved on the operator's page.
      const arrival = { noSeat, news, faults: photoFaults ?? {}, ...(photo && photoFaults && { photo }) };
      await navigate(`/settings/operators/${encodeURIComponent(operatorId)}`, { state: stateOf(arrival) });
    } else {
      await navigate('/settings/operators', { state: SAVED });
    }
  }

  return (
    <Page title={t('operators.new')} actions={<Link to="/settings/operators">{t('operators.back')}</Link>}>
      <div className="with-preview">
        <form className="card" ref={form.ref} onSubmit={form.onSubmit(save)} noValidate>
          <Unsaved changed={changed} />
          <Notice kind="bad">{summaryOf(form.faults, words)}</Notice>
          <AccessLevelField form={form} />
          <ProfileFields form={form} />
          <PasswordChoice
            password={password}
            onChange={(next) => {
              setPassword(next);
              form.setFaults((faults) => withoutField(faults, 'password'));
            }}
            faults={form.faults.password}
          />
          <ActiveAtOnce checked={isActive} onChange={setIsActive} />
          <div className="actions">
            <Button kind="primary" type="submit" busy={form.busy}>
              {t('form.save')}
            </Button>
            <Link className="button" to="/settings/operators">
              {t('form.cancel')}
            </Link>
          </div>
        </form>
        <VisitorPreview form={form} hint={previewHint()} />
      </div>
    </Page>
  );

  /** What must happen before visitors see the operator. */
  function previewHint(): string | undefined {
    if (!isActive) {
      return t('preview.inactive');
    }
    return password === null ? t('preview.invited') : undefined;
  }
}
