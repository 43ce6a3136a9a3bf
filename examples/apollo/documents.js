import { gql } from '@apollo/client';

// A fragment on an interface matches because the cache has `possibleTypes`.
const PROBLEM = gql`
  fragment Problem on UserError { __typename message ... on SeatLimitReached { seats { used limit } } }
`;
const ROW = gql`
  fragment Row on Operator { id name isActive }
`;

export const SIGN_IN = gql`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) { token userErrors { ...Problem } }
  }
  ${PROBLEM}
`;
export const SIGN_OUT = gql`
  mutation SignOut { signOut { signedOut } }
`;
export const VIEWER = gql`
  query Viewer { viewer { id name } }
`;
// `relayStylePagination` merges `edges`. It does not merge `nodes`.
export const OPERATORS = gql`
  query Operators($after: String) {
    account {
      id
      operators(first: 2, after: $after) {
        edges { node { ...Row } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      }
    }
  }
  ${ROW}
`;
// Selects what the list shows, so that a new operator is complete.
export const CHANGES = gql`
  subscription Changes {
    account {
      id
      seats { used limit }
      operators(first: 100) {
        edges { node { ...Row } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      }
    }
  }
  ${ROW}
`;
export const SET_PHOTO = gql`
  mutation SetPhoto($input: SetOperatorPhotoInput!) {
    setOperatorPhoto(input: $input) {
      operator { id photo { url(size: 128) width } }
      userErrors { ...Problem }
    }
  }
  ${PROBLEM}
`;
export const ACTIVATE = gql`
  mutation Activate($input: ActivateOperatorInput!) {
    activateOperator(input: $input) { operator { id isActive } userErrors { ...Problem } }
  }
  ${PROBLEM}
`;
export const DEACTIVATE = gql`
  mutation Deactivate($input: DeactivateOperatorInput!) {
    deactivateOperator(input: $input) { operator { id isActive } userErrors { ...Problem } }
  }
  ${PROBLEM}
`;
