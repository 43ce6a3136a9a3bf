// The visitors of the website. The list comes with conversations. Until then the page shows whether
// the operator can chat.
import { mayManage, useViewer } from '../api/viewer';
import { useWords } from '../i18n';
import { ActivityDialogs } from '../operators/ActivityDialogs';
import { useActivity } from '../operators/useActivity';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';

export function Visitors() {
  const { t } = useWords();
  const viewer = useViewer();
  const activity = useActivity();
  return (
    <Page title={t('visitors.title')}>
      {viewer.isActive ? (
        <p>{t('visitors.active')}</p>
      ) : (
        <Notice kind="info">
          <p>{t('visitors.inactive')}</p>
          {mayManage(viewer) ? (
            <Button kind="primary" busy={activity.busy} onClick={() => void activity.setActive(viewer, true)}>
              {t('visitors.activate')}
            </Button>
          ) : (
            <p>{t('visitors.askToActivate')}</p>
          )}
        </Notice>
      )}
      <ActivityDialogs activity={activity} />
    </Page>
  );
}
