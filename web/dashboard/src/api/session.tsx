// The current session, and the client that sends its requests.
//
// A session can end elsewhere: on another device, by an administrator, or by a changed password.
// The page then stays as it is, with everything that was typed, and a sign-in dialog covers it. The
// same operator can continue there after signing in. Another operator starts with a fresh page.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { Provider } from 'urql';
import { graphql } from '../gql';
import type { ViewerFieldsFragment } from '../gql/graphql';
import { type Connection, connect } from './client';

/** The fields of the signed-in operator that every page uses. */
export const ViewerFields = graphql(`
  fragment ViewerFields on Operator {
    id
    name
    publicName
    email
    isEmailConfirmationDue
    accessLevel
    isOwner
    isActive
    photo {
      url(size: 128)
    }
  }
`);

const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      ...ViewerFields
    }
    plans {
      code
    }
  }
`);

export type Viewer = ViewerFieldsFragment;

export type SessionState =
  | { is: 'unknown' }
  | { is: 'unreachable' }
  | { is: 'anonymous' }
  /** `ended`: the session has ended, and the page waits for the same operator to sign in. */
  | { is: 'signedIn'; viewer: Viewer; ended: boolean };

export interface Session {
  state: SessionState;
  /** Whether the page receives updates at the moment. */
  live: boolean;
  /** Whether accounts have a choice of plans. If not, there is nothing to show about plans. */
  hasPlans: boolean;
  /** The server has signed this operator in, in all tabs of the browser. */
  begin(viewer: Viewer): void;
  /** The operator has signed out here. */
  leave(): void;
  /** Checks again whether there is a session. */
  refresh(): void;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider(props: { children: ReactNode }) {
  const [state, setState] = useState<SessionState>({ is: 'unknown' });
  const [live, setLive] = useState(true);
  const [hasPlans, setHasPlans] = useState(true);
  // Changes for each new operator: React state of the previous operator is dropped.
  const [person, setPerson] = useState(0);

  const open = useCallback((): Connection => {
    const opened: Connection = connect({
      // Ignores events of a connection that was replaced.
      onEnded: () => {
        if (current.current === opened) {
          setState((now) => (now.is === 'signedIn' ? { ...now, ended: true } : now));
        }
      },
      onLive: (now) => {
        if (current.current === opened) {
          setLive(now);
        }
      },
    });
    return opened;
  }, []);

  const current = useRef<Connection | null>(null);
  const [connection, setConnection] = useState<Connection>(() => {
    current.current = open();
    return current.current;
  });

  const replace = useCallback(() => {
    current.current?.close();
    current.current = open();
    setConnection(current.current);
    setLive(true);
    return current.current;
  }, [open]);

  const begin = useCallback(
    (viewer: Viewer) => {
      replace();
      setState((before) => {
        // Without a previous operator there is no state to drop. The token of a mailed link is
        // kept.
        if (before.is === 'signedIn' && before.viewer.id !== viewer.id) {
          setPerson((count) => count + 1);
        }
        return { is: 'signedIn', viewer, ended: false };
      });
    },
    [replace],
  );

  const leave = useCallback(() => {
    replace();
    setPerson((count) => count + 1);
    setState({ is: 'anonymous' });
  }, [replace]);

  const refresh = useCallback(async () => {
    const { data, error } = await (current.current ?? open()).client.query(
      ViewerQuery,
      {},
      { requestPolicy: 'network-only' },
    );
    if (data) {
      setHasPlans(data.plans.length > 1);
    }
    if (data?.viewer) {
      begin(data.viewer);
    } else {
      setState((before) => {
        if (before.is === 'signedIn') {
          return before;
        }
        return error ? { is: 'unreachable' } : { is: 'anonymous' };
      });
    }
  }, [begin, open]);

  useEffect(() => {
    void refresh();
  }, [refresh]);

  const tabs = useRef<BroadcastChannel | null>(null);
  // All tabs share one cookie: a sign-in in one tab counts in all, which must drop the data of
  // another operator.
  useEffect(() => {
    const channel = new BroadcastChannel('deskbell.session');
    channel.onmessage = () => void refresh();
    tabs.current = channel;
    return () => channel.close();
  }, [refresh]);

  const enter = useCallback(
    (viewer: Viewer) => {
      begin(viewer);
      tabs.current?.postMessage('signed in');
    },
    [begin],
  );

  // If the server was unreachable or the session has ended, check again when the user returns to
  // this tab.
  const waiting = state.is === 'unreachable' || (state.is === 'signedIn' && state.ended);
  useEffect(() => {
    if (!waiting) {
      return;
    }
    const onVisible = () => {
      if (document.visibilityState === 'visible') {
        void refresh();
      }
    };
    document.addEventListener('visibilitychange', onVisible);
    addEventListener('online', onVisible);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      removeEventListener('online', onVisible);
    };
  }, [waiting, refresh]);

  const session = useMemo<Session>(
    () => ({ state, live, hasPlans, begin: enter, leave, refresh: () => void refresh() }),
    [state, live, hasPlans, enter, leave, refresh],
  );
  return (
    <SessionContext value={session}>
      <Provider key={person} value={connection.client}>
        {props.children}
      </Provider>
    </SessionContext>
  );
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) {
    throw new Error('useSession outside of SessionProvider');
  }
  return session;
}
