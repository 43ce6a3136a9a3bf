// Settings › Operators › one operator, live.
import { useEffect, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { trouble } from '../api/problems';
import { useLast } from '../api/useLast';
import { graphql } from '../gql';
import type { OperatorDetailsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { NotFound } from '../ui/NotFound';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { OperatorForm } from './OperatorForm';

export const OperatorDetails = graphql(`
  fragment OperatorDetails on Operator {
    ...OperatorProfile
    isOwner
    isInvited
    invitation {
      sentAt
      failedAt
      failure
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

/**
 * Notifies of changes in the account. The operator is then re-read: the schema has no subscription
 * to one operator by id.
 */
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
  const [{ data: answer, error, fetching, stale }, refetch] = useQuery({ query: OperatorQuery, variables: { id } });
  // A failed request does not mean that the operator was removed.
  const data = useLast(error ? null : answer);
  const [{ data: change }] = useSubscription({ query: AccountChanges });
  const [read, setRead] = useState(change);
  const isFetching = fetching || stale;
  useEffect(() => {
    // A request in flight may have been read before the change, and identical requests are merged.
    // Wait for its end.
    if (change !== read && !isFetching) {
      setRead(change);
      refetch({ requestPolicy: 'network-only' });
    }
  }, [change, read, isFetching, refetch]);

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
