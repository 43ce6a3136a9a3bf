// The signed-in operator, live. Other operators can change their access level, name or activity.
import { createContext, type ReactNode, useContext } from 'react';
import { useQuery, useSubscription } from 'urql';
import { graphql } from '../gql';
import type { Viewer } from './session';
import { useLast } from './useLast';

const LiveViewerQuery = graphql(`
  query LiveViewer {
    viewer {
      ...ViewerFields
    }
  }
`);

const ViewerSubscription = graphql(`
  subscription ViewerChanges {
    viewer {
      ...ViewerFields
    }
  }
`);

const ViewerContext = createContext<Viewer | null>(null);

/** Subscribes to the operator, starting with the known state. */
export function ViewerProvider(props: { known: Viewer; children: ReactNode }) {
  useSubscription({ query: ViewerSubscription });
  const [{ data }] = useQuery({ query: LiveViewerQuery });
  const viewer = useLast(data?.viewer) ?? props.known;
  return <ViewerContext value={viewer}>{props.children}</ViewerContext>;
}

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) {
    throw new Error('useViewer outside of ViewerProvider');
  }
  return viewer;
}

/** Whether the operator may open the company's settings. */
export function mayManage(viewer: Viewer): boolean {
  return viewer.accessLevel === 'FULL';
}
