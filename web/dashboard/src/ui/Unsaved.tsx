import { useEffect, useId } from 'react';
import { useBlocker } from 'react-router';
import { useWords } from '../i18n';
import { Button } from './Button';
import { Dialog } from './Dialog';

/** Goes into the state of a navigation that follows upon saving: nothing is lost by it. */
export const SAVED = { saved: true };

/** Which forms of the page would lose something. */
const unsaved = new Set<string>();

/** For what ends more than a page: whether a form would lose something by it. */
export function isAnythingUnsaved(): boolean {
  return unsaved.size > 0;
}

/** Asks before the page is left while `changed` holds: within the dashboard with a dialog, beyond it as the browser does. */
export function Unsaved(props: { changed: boolean }) {
  useUnsaved(props.changed);
  return <AskBeforeLeaving />;
}

/** For one of several forms of a page, which has one `AskBeforeLeaving` for all of them. */
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

/** Once on a page: the router asks nobody but the last who wants to be asked. */
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
