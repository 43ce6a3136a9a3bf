// The frame around every page of a signed-in operator.
import { Suspense, useEffect, useState } from 'react';
import { NavLink, Outlet, useNavigation } from 'react-router';
import { useMutation } from 'urql';
import { trouble } from '../api/problems';
import { useSession } from '../api/session';
import { mayManage, useViewer, ViewerProvider } from '../api/viewer';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { SessionEnded } from '../sign-in/SessionEnded';
import { SignInPage } from '../sign-in/SignInPage';
import { Avatar } from '../ui/Avatar';
import { Brand } from '../ui/Brand';
import { Button } from '../ui/Button';
import { NotFound } from '../ui/NotFound';
import { useToasts } from '../ui/toasts';
import { isAnythingUnsaved, LeaveDialog } from '../ui/Unsaved';
import { AddressBanner } from './AddressBanner';
import { fetchAhead } from './code';
import { Unreachable } from './Unreachable';
import { useDelayed } from './useDelayed';

const AHEAD_AFTER_MS = 1_000;

const SignOutMutation = graphql(`
  mutation SignOut {
    signOut {
      signedOut
    }
  }
`);

export function Shell() {
  const { state } = useSession();
  switch (state.is) {
    case 'unknown':
      return null;
    case 'unreachable':
      return <Unreachable />;
    case 'anonymous':
      return <SignInPage />;
    case 'signedIn':
      return (
        <ViewerProvider known={state.viewer}>
          <Frame />
          {state.ended && <SessionEnded viewer={state.viewer} />}
        </ViewerProvider>
      );
  }
}

/** Protects the pages of the company's settings. Without full access, these pages do not exist. */
export function FullAccess() {
  return mayManage(useViewer()) ? <Outlet /> : <NotFound />;
}

/** Without a choice of plans, their page does not exist. */
export function ChoiceOfPlans() {
  return useSession().hasPlans ? <Outlet /> : <NotFound />;
}

function Frame() {
  const words = useWords();
  const { t } = words;
  const session = useSession();
  const viewer = useViewer();
  const toasts = useToasts();
  const [{ fetching }, signOut] = useMutation(SignOutMutation);
  const [isConfirming, setIsConfirming] = useState(false);
  // Only after a while: most interruptions are over before anyone could read the banner.
  const isBehind = useDelayed(!session.live);
  const isOpening = useNavigation().state === 'loading';
  const isManager = mayManage(viewer);
  useEffect(() => {
    // The visible page loads first.
    const timer = setTimeout(() => fetchAhead(isManager), AHEAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isManager]);

  async function leave() {
    setIsConfirming(false);
    toasts.clear();
    const { error } = await signOut({});
    const message = trouble(error, words);
    if (message) {
      toasts.bad(message);
    } else {
      session.leave();
    }
  }

  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t('shell.skip')}
      </a>
      <header className="sidebar">
        <Brand />
        <nav aria-label={t('shell.navigation')}>
          <NavLink to="/visitors">{t('visitors.title')}</NavLink>
          {isManager && (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
            <div role="group" aria-labelledby="settings">
              <p id="settings">{t('shell.settings')}</p>
              <NavLink to="/settings/operators">{t('operators.title')}</NavLink>
              {session.hasPlans && <NavLink to="/settings/plan">{t('plan.title')}</NavLink>}
              <NavLink to="/settings/account">{t('account.title')}</NavLink>
            </div>
          )}
          <NavLink to="/profile">{t('profile.title')}</NavLink>
        </nav>
        <div className="whoami">
          <Avatar name={viewer.name} url={viewer.photo?.url} />
          <p>
            <strong>{viewer.name}</strong>
            <span className={viewer.isActive ? 'state on' : 'state'}>
              {viewer.isActive ? t('activity.active') : t('activity.inactive')}
            </span>
          </p>
          <Button
            kind="quiet"
            busy={fetching}
            onClick={() => (isAnythingUnsaved() ? setIsConfirming(true) : void leave())}
          >
            {t('shell.signOut')}
          </Button>
        </div>
      </header>
      <main id="content" tabIndex={-1} aria-busy={isOpening || undefined}>
        <div role="status">{isBehind && <p className="notice info">{t('shell.reconnecting')}</p>}</div>
        <AddressBanner />
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      {isConfirming && <LeaveDialog onStay={() => setIsConfirming(false)} onLeave={() => void leave()} />}
    </div>
  );
}
