import { graphql } from '../gql';

/** Whether sign-up is open, and the public URL of the server. */
export const ServerInfoQuery = graphql(`
  query ServerInfo {
    server {
      isSignUpOpen
      publicUrl
    }
  }
`);
