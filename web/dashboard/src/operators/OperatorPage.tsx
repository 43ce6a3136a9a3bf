// Settings › Operators › one of them, as they are at this moment.
import { useEffect, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { trouble } from '../api/problems';
import { useLast } from '../api/useLast';
import { graphql } from '../gql';
import type { OperatorDetailsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { NotFound } from '../shell/NotFound';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { OperatorForm } from './OperatorForm';

export const OperatorDetails = graphql(`
  fragment OperatorDetails on Operator {
    ...OperatorProfile
    isOwner
    isInvited
    invitationProblem {
      reason
      nextAttemptAt
    }
    isActive
    createdAt
    lastSeenAt
  }
`);

const OperatorQuery = graphql(`
  query Operator($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Operator {
        ...OperatorDetails
      }
    }
  }
`);

/** Tells that something has changed. What it was is read anew: the schema follows the account, and no operator by id. */
const AccountChanges = graphql(`
  subscription AccountChanges {
    account {
      ...FreeSeatsFields
    }
  }
`);

export function Component() {
  const { operatorId = '' } = useParams();
  return <Loaded key={operatorId} id={operatorId} />;
}

function Loaded({ id }: { id: string }) {
  const words = useWords();
  const { t } = words;
  const [{ data: answer, error, fetching, stale }, ask] = useQuery({ query: OperatorQuery, variables: { id } });
  // Nobody is gone because the server could not be asked.
  const data = useLast(error ? null : answer);
  const [{ data: change }] = useSubscription({ query: AccountChanges });
  const [read, setRead] = useState(change);
  const isAsking = fetching || stale;
  useEffect(() => {
    // What is being asked at the moment may have been read before the change, and the same is not asked twice at once.
    if (change !== read && !isAsking) {
      setRead(change);
      ask({ requestPolicy: 'network-only' });
    }
  }, [change, read, isAsking, ask]);

  const operator = data?.node?.__typename === 'Operator' ? data.node : null;
  const [last, setLast] = useState<OperatorDetailsFragment | null>(null);
  if (operator && operator !== last) {
    setLast(operator);
  }

  if (operator) {
    return <OperatorForm operator={operator} />;
  }
  if (last) {
    return (
      <Page title={last.name}>
        <Notice kind="bad">{t('operator.alreadyRemoved', { name: last.name })}</Notice>
        <Link to="/settings/operators">{t('operators.back')}</Link>
      </Page>
    );
  }
  if (data) {
    return <NotFound />;
  }
  return (
    <Page title={t('operators.title')}>
      {error ? (
        <Notice kind="bad">{trouble(error, words)}</Notice>
      ) : (
        <p className="loading">{t('operators.loading')}</p>
      )}
    </Page>
  );
}
