import { useEffect } from 'react';
import { useSession } from '../api/session';
import { useWords } from '../i18n';
import { PublicPage } from '../sign-in/PublicPage';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';

const RETRY_EVERY_MS = 3_000;

/** Shown while the server cannot be asked for the session. Retries automatically. */
export function Unreachable() {
  const { t } = useWords();
  const { refresh } = useSession();
  useEffect(() => {
    const timer = setInterval(refresh, RETRY_EVERY_MS);
    return () => clearInterval(timer);
  }, [refresh]);
  return (
    <PublicPage title={t('unreachable.title')}>
      <Notice kind="info">{t('problem.unreachable')}</Notice>
      <Button onClick={refresh}>{t('unreachable.again')}</Button>
    </PublicPage>
  );
}
