import { useCallback, useEffect, useRef, useState } from 'react';
import { useRouteError } from 'react-router';
import { useWords } from '../i18n';
import { PublicPage } from '../sign-in/PublicPage';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { isCodeMissing, isReachable } from './code';

const RETRY_EVERY_MS = 3_000;

/**
 * Replaces a page that cannot be shown: its code failed to load, because the server is unreachable
 * or the code has another name after an update, or the page threw an error. `framed`: the menu is
 * still there.
 */
export function Broken({ framed = false }: { framed?: boolean }) {
  const { t } = useWords();
  const error = useRouteError();
  const Frame = framed ? Page : PublicPage;
  return <Frame title={t('broken.title')}>{isCodeMissing(error) ? <Remedy /> : <Fault error={error} />}</Frame>;
}

/** No automatic reload: it would end in the same error, in a loop. */
function Fault(props: { error: unknown }) {
  const { t } = useWords();
  return (
    <>
      <Notice kind="bad">{t('broken.fault')}</Notice>
      <p className="hint">
        <code>{String(props.error)}</code>
      </p>
      <Button kind="primary" onClick={() => location.reload()}>
        {t('broken.reload')}
      </Button>
    </>
  );
}

function Remedy() {
  const { t } = useWords();
  const [reachable, check] = useReachable();
  const wasReachable = useRef(reachable);
  useEffect(() => {
    // Another import is not enough: some browsers remember that it failed. This page has no input
    // to lose.
    if (reachable && wasReachable.current === false) {
      location.reload();
    }
    wasReachable.current = reachable;
  }, [reachable]);
  switch (reachable) {
    case null:
      return null;
    case true:
      return (
        <>
          <p className="lead">{t('broken.text')}</p>
          <Button kind="primary" onClick={() => location.reload()}>
            {t('broken.reload')}
          </Button>
        </>
      );
    case false:
      return (
        <>
          <Notice kind="info">{t('problem.unreachable')}</Notice>
          <Button onClick={check}>{t('unreachable.again')}</Button>
        </>
      );
  }
}

/**
 * Whether the server can serve this page (null until known), and a function to check at once.
 * Checks again until it can.
 */
function useReachable(): [boolean | null, () => void] {
  const [reachable, setReachable] = useState<boolean | null>(null);
  const check = useCallback(() => {
    void isReachable(location.href).then(setReachable);
  }, []);
  useEffect(check, [check]);
  useEffect(() => {
    if (reachable) {
      return;
    }
    addEventListener('online', check);
    const timer = setInterval(check, RETRY_EVERY_MS);
    return () => {
      removeEventListener('online', check);
      clearInterval(timer);
    };
  }, [reachable, check]);
  return [reachable, check];
}
