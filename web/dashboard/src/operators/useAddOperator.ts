import { type Faults, seatsInUse } from '../api/problems';
import { useMutate } from '../api/useMutate';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { profileFaultsOf } from './answer';
import { orNull, type Profile } from './draft';
import { SetOperatorPhotoMutation } from './useProfileDraft';

const AddOperatorMutation = graphql(`
  mutation AddOperator($input: AddOperatorInput!) {
    addOperator(input: $input) {
      operator {
        id
        name
        email
        isActive
        isInvited
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export interface NewOperator {
  profile: Profile;
  /** Null: the operator is invited. */
  password: string | null;
  isActive: boolean;
  photo: Blob | null;
}

export type Outcome =
  | { is: 'refused'; faults: Faults }
  | {
      is: 'added';
      operatorId: string;
      name: string;
      email: string;
      isInvited: boolean;
      /**
       * The number of seats, if the operator was not activated because all are in use; otherwise
       * null.
       */
      noSeat: number | null;
      /** The faults of the photo; null: none. */
      photoFaults: Faults | null;
    };

/**
 * Returns a function that adds an operator, and then uploads the photo, which requires an existing
 * operator.
 */
export function useAddOperator(): (operator: NewOperator) => Promise<Outcome> {
  const words = useWords();
  const mutate = useMutate();

  return async ({ profile, password, isActive, photo }) => {
    const { accessLevel, name, email } = profile;
    const publicName = orNull(profile.publicName);
    const description = orNull(profile.description);
    const answer = await mutate(AddOperatorMutation, {
      input: {
        accessLevel,
        name,
        publicName,
        email,
        description,
        password,
        isActive,
        language: words.mailLanguage,
      },
    });
    const operator = answer.payload?.operator;
    if (!operator) {
      return { is: 'refused', faults: profileFaultsOf(answer, '', words) ?? {} };
    }
    const photoFaults =
      photo &&
      profileFaultsOf(
        await mutate(SetOperatorPhotoMutation, { input: { operatorId: operator.id, photo } }),
        'photo',
        words,
      );
    return {
      is: 'added',
      operatorId: operator.id,
      name: operator.name,
      email: operator.email ?? email,
      isInvited: password === null,
      noSeat: seatsInUse(answer.problems),
      photoFaults,
    };
  };
}
