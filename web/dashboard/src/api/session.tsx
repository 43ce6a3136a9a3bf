// Who is signed in here, and the client that acts for them.
//
// A session may end elsewhere: on another device, by an administrator, by a password that was changed. What is on the screen then
// stays as it is, with everything that was typed, under a sign-in page that covers it; whoever signs in again goes on where they
// were, and anybody else begins anew.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { Provider } from 'urql';
import { graphql } from '../gql';
import type { ViewerFieldsFragment } from '../gql/graphql';
import { type Connection, connect } from './client';

/** What every page knows of whoever is signed in. */
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
  }
`);

export type Viewer = ViewerFieldsFragment;

export type SessionState =
  | { is: 'unknown' }
  | { is: 'unreachable' }
  | { is: 'stranger' }
  /** `ended`: the session is over, and the screen waits for the same person to come back. */
  | { is: 'signedIn'; viewer: Viewer; ended: boolean };

export interface Session {
  state: SessionState;
  /** Whether what is shown is kept current at the moment. */
  live: boolean;
  /** The server has signed this operator in, in every tab of the browser. */
  begin(viewer: Viewer): void;
  /** The operator has signed out here. */
  leave(): void;
  /** Looks again whether there is a session. */
  look(): void;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider(props: { children: ReactNode }) {
  const [state, setState] = useState<SessionState>({ is: 'unknown' });
  const [live, setLive] = useState(true);
  // Counts those who began anew: what is kept in components belongs to one operator.
  const [person, setPerson] = useState(0);

  const open = useCallback((): Connection => {
    const opened: Connection = connect({
      // Events of a connection that was replaced are of no interest.
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
        // Where nobody was before, nothing is another's: whoever opens a link from a mail keeps its token.
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
    setState({ is: 'stranger' });
  }, [replace]);

  const look = useCallback(async () => {
    const { data, error } = await (current.current ?? open()).client.query(
      ViewerQuery,
      {},
      { requestPolicy: 'network-only' },
    );
    if (data?.viewer) {
      begin(data.viewer);
    } else {
      setState((before) => {
        if (before.is === 'signedIn') {
          return before;
        }
        return error ? { is: 'unreachable' } : { is: 'stranger' };
      });
    }
  }, [begin, open]);

  useEffect(() => {
    void look();
  }, [look]);

  const tabs = useRef<BroadcastChannel | null>(null);
  // All tabs have one cookie: whoever signs in in one acts in each, and must not see there what is another's.
  useEffect(() => {
    const channel = new BroadcastChannel('deskbell.session');
    channel.onmessage = () => void look();
    tabs.current = channel;
    return () => channel.close();
  }, [look]);

  const enter = useCallback(
    (viewer: Viewer) => {
      begin(viewer);
      tabs.current?.postMessage('begun');
    },
    [begin],
  );

  // The server was away, or the session is over: a look when the person comes back to this tab.
  const waiting = state.is === 'unreachable' || (state.is === 'signedIn' && state.ended);
  useEffect(() => {
    if (!waiting) {
      return;
    }
    const onVisible = () => {
      if (document.visibilityState === 'visible') {
        void look();
      }
    };
    document.addEventListener('visibilitychange', onVisible);
    addEventListener('online', onVisible);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      removeEventListener('online', onVisible);
    };
  }, [waiting, look]);

  const session = useMemo<Session>(
    () => ({ state, live, begin: enter, leave, look: () => void look() }),
    [state, live, enter, leave, look],
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
