import { graphql } from '../gql';

/** Whether strangers may come in. */
export const DoorQuery = graphql(`
  query Door {
    server {
      isSignUpOpen
    }
  }
`);
