import { Link } from 'react-router';
import { useSession, type Viewer } from '../api/session';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { SignInForm } from './SignInForm';

/**
 * Covers the page after the session has ended elsewhere. The page below keeps its state, and cannot
 * be used.
 */
export function SessionEnded(props: { viewer: Viewer }) {
  const { t } = useWords();
  const session = useSession();
  return (
    <Dialog title={t('ended.title')} className="cover">
      <p className="lead">{t('ended.text')}</p>
      <SignInForm email={props.viewer.email ?? ''} />
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/forgot-password" target="_blank">
          {t('signIn.forgotten')}
        </Link>
        <Button kind="quiet" onClick={session.leave}>
          {t('ended.leave')}
        </Button>
      </nav>
    </Dialog>
  );
}
