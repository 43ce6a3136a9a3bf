import { graphql } from 'relay-runtime';

export { default as OperatorsPage } from './__generated__/operatorsPageQuery.graphql';

// A component passes it to `usePaginationFragment`. The compiler writes the query of a further
// page, which reads the account by `node(id)`.
export const List = graphql`
  fragment operators_account on Account
  @refetchable(queryName: "operatorsPageQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" }) {
    operators(first: $first, after: $after) @connection(key: "List_operators") {
      edges { node { id name isActive } }
    }
  }
`;

export const Operators = graphql`
  query operatorsQuery { account { id ...operators_account } }
`;

// Each item is the complete state, so its list replaces the one in the store.
export const Changes = graphql`
  subscription operatorsChangesSubscription {
    account { seats { used limit } ...operators_account @arguments(first: 100) }
  }
`;

export const Activate = graphql`
  mutation operatorsActivateMutation($input: ActivateOperatorInput!) {
    activateOperator(input: $input) {
      operator { id isActive }
      userErrors { __typename message ... on SeatLimitReached { seats { used limit } } }
    }
  }
`;

export const Deactivate = graphql`
  mutation operatorsDeactivateMutation($input: DeactivateOperatorInput!) {
    deactivateOperator(input: $input) { operator { id isActive } userErrors { __typename message } }
  }
`;

export const SetPhoto = graphql`
  mutation operatorsSetPhotoMutation($input: SetOperatorPhotoInput!) {
    setOperatorPhoto(input: $input) {
      operator { id photo { url(size: 128) width } }
      userErrors { __typename message }
    }
  }
`;
