import { graphql } from 'relay-runtime';

export const SignIn = graphql`
  mutation sessionSignInMutation($input: SignInInput!) {
    signIn(input: $input) { token userErrors { message } }
  }
`;

export const SignOut = graphql`
  mutation sessionSignOutMutation { signOut { signedOut } }
`;

export const Viewer = graphql`
  query sessionViewerQuery { viewer { id name } }
`;
