import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import { useWords } from '../i18n';
import { Button } from './Button';
import { Dialog } from './Dialog';

/** Goes into the state of a navigation that follows upon saving: nothing is lost by it. */
export const SAVED = { saved: true };

/** Asks before the page is left while `changed` holds: within the dashboard with a dialog, beyond it as the browser does. */
export function Unsaved(props: { changed: boolean }) {
  const { t } = useWords();
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      props.changed && currentLocation.pathname !== nextLocation.pathname && nextLocation.state?.saved !== true,
  );
  useEffect(() => {
    if (!props.changed) {
      return;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [props.changed]);
  if (blocker.state !== 'blocked') {
    return null;
  }
  return (
    <Dialog title={t('unsaved.title')} onClose={() => blocker.reset()}>
      <p>{t('unsaved.text')}</p>
      <div className="actions">
        <Button kind="primary" onClick={() => blocker.reset()}>
          {t('unsaved.stay')}
        </Button>
        <Button kind="danger" onClick={() => blocker.proceed()}>
          {t('unsaved.leave')}
        </Button>
      </div>
    </Dialog>
  );
}
