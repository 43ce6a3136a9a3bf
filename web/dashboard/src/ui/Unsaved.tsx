import { useEffect, useId } from 'react';
import { useBlocker } from 'react-router';
import { useWords } from '../i18n';
import { Button } from './Button';
import { Dialog } from './Dialog';

/** State of a navigation after a save, which needs no confirmation. */
export const SAVED = { saved: true };

/** The forms of the page with unsaved changes. */
const unsaved = new Set<string>();

/** Whether a form has unsaved changes, for actions that end more than a page. */
export function isAnythingUnsaved(): boolean {
  return unsaved.size > 0;
}

/**
 * Asks before the page is left while `changed` is true: with a dialog within the dashboard,
 * otherwise by the browser.
 */
export function Unsaved(props: { changed: boolean }) {
  useUnsaved(props.changed);
  return <AskBeforeLeaving />;
}

/** For one of several forms of a page, which share one `AskBeforeLeaving`. */
export function useUnsaved(changed: boolean): void {
  const id = useId();
  useEffect(() => {
    if (!changed) {
      return;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    unsaved.add(id);
    return () => {
      removeEventListener('beforeunload', ask);
      unsaved.delete(id);
    };
  }, [id, changed]);
}

/** Once per page: the router supports only one blocker. */
export function AskBeforeLeaving() {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isAnythingUnsaved() && currentLocation.pathname !== nextLocation.pathname && nextLocation.state?.saved !== true,
  );
  if (blocker.state !== 'blocked') {
    return null;
  }
  return <LeaveDialog onStay={() => blocker.reset()} onLeave={() => blocker.proceed()} />;
}

export function LeaveDialog(props: { onStay(): void; onLeave(): void }) {
  const { t } = useWords();
  return (
    <Dialog title={t('unsaved.title')} onClose={props.onStay}>
      <p>{t('unsaved.text')}</p>
      <div className="actions">
        <Button kind="primary" onClick={props.onStay}>
          {t('unsaved.stay')}
        </Button>
        <Button kind="danger" onClick={props.onLeave}>
          {t('unsaved.leave')}
        </Button>
      </div>
    </Dialog>
  );
}
