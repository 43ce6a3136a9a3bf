import { useEffect } from 'react';
import { useQuery, useSubscription } from 'urql';
import { graphql } from '../gql';
import type { OperatorListFieldsFragment } from '../gql/graphql';
import { corrected, type ListState, type Position, START, variablesOf } from './paging';

export const OperatorListFields = graphql(`
  fragment OperatorListFields on Account {
    id
    seats {
      used
      limit
      free
    }
    operators(first: $first, after: $after, last: $last, before: $before, isActive: $isActive, search: $search) {
      nodes {
        ...OperatorRowFields
      }
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

const OperatorListQuery = graphql(`
  query OperatorList($first: Int, $after: String, $last: Int, $before: String, $isActive: Boolean, $search: String) {
    account {
      ...OperatorListFields
    }
  }
`);

const OperatorListSubscription = graphql(`
  subscription OperatorListChanges(
    $first: Int
    $after: String
    $last: Int
    $before: String
    $isActive: Boolean
    $search: String
  ) {
    account {
      ...OperatorListFields
    }
  }
`);

/**
 * A page of the account's operators, live. The previous page stays visible while the next one
 * loads.
 */
export function useOperatorList(state: ListState, onMove: (position: Position) => void) {
  const variables = variablesOf(state);
  const [{ data, fetching, error }, refetch] = useQuery({ query: OperatorListQuery, variables });
  useSubscription({ query: OperatorListSubscription, variables });
  const account: OperatorListFieldsFragment | null = data?.account ?? null;

  // A hand-edited URL can contain an invalid cursor.
  const isRefused = error?.graphQLErrors.some((one) => one.extensions?.code === 'BAD_USER_INPUT');
  const better =
    isRefused && state.position.at !== 'start'
      ? START
      : account && !fetching
        ? corrected(state.position, account.operators)
        : null;
  useEffect(() => {
    if (better) {
      onMove(better);
    }
  });

  return { account, fetching, error, again: () => refetch({ requestPolicy: 'network-only' }) };
}
