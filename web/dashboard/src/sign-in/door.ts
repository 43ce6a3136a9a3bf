import { graphql } from '../gql';

/** Whether anyone may open an account, and where the server is meant to be reached. */
export const DoorQuery = graphql(`
  query Door {
    server {
      isSignUpOpen
      publicUrl
    }
  }
`);
