import { graphql } from '../gql';

/** Whether sign-up is open, whether there is an account, and the public URL of the server. */
export const ServerInfoQuery = graphql(`
  query ServerInfo {
    server {
      isSignUpOpen
      hasAccount
      publicUrl
    }
  }
`);

/** Creates an account where sign-up is off. */
export const CREATE_COMMAND = 'deskbell account create';
