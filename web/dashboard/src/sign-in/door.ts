import { graphql } from '../gql';

/** Whether sign-up is open, and the public URL of the server. */
export const DoorQuery = graphql(`
  query Door {
    server {
      isSignUpOpen
      publicUrl
    }
  }
`);
