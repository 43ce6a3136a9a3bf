import { useEffect } from 'react';
import { useSession } from '../api/session';
import { useWords } from '../i18n';
import { PublicPage } from '../sign-in/PublicPage';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';

const AGAIN_MS = 3_000;

/** Shown while the server cannot be asked for the session. Retries automatically. */
export function Unreachable() {
  const { t } = useWords();
  const { look } = useSession();
  useEffect(() => {
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, [look]);
  return (
    <PublicPage title={t('unreachable.title')}>
      <Notice kind="info">{t('problem.unreachable')}</Notice>
      <Button onClick={look}>{t('unreachable.again')}</Button>
    </PublicPage>
  );
}
