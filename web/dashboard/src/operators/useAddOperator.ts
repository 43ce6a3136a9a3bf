import { useRef, useState } from 'react';
import { useMutation } from 'urql';
import { type Faults, seatsInUse } from '../api/problems';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { faultsOf } from './answer';
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

/** Adds an operator, and then uploads the photo, which requires an existing operator. */
export function useAddOperator() {
  const words = useWords();
  const [, addOperator] = useMutation(AddOperatorMutation);
  const [, setPhoto] = useMutation(SetOperatorPhotoMutation);
  const [busy, setBusy] = useState(false);
  const underWay = useRef(false);

  async function ask({ profile, password, isActive, photo }: NewOperator): Promise<Outcome> {
    const { accessLevel, name, email } = profile;
    const publicName = orNull(profile.publicName);
    const description = orNull(profile.description);
    const answer = await addOperator({
      input: { accessLevel, name, publicName, email, description, password, isActive },
    });
    const operator = answer.data?.addOperator?.operator;
    const problems = answer.data?.addOperator?.userErrors ?? [];
    if (!operator) {
      return { is: 'refused', faults: faultsOf(answer, (data) => data.addOperator, '', words) ?? {} };
    }
    const photoFaults =
      photo &&
      faultsOf(
        await setPhoto({ input: { operatorId: operator.id, photo } }),
        (data) => data.setOperatorPhoto,
        'photo',
        words,
      );
    return {
      is: 'added',
      operatorId: operator.id,
      name: operator.name,
      email: operator.email ?? email,
      isInvited: password === null,
      noSeat: seatsInUse(problems),
      photoFaults,
    };
  }

  /** Null while the previous operator is being added. */
  async function add(operator: NewOperator): Promise<Outcome | null> {
    if (underWay.current) {
      return null;
    }
    underWay.current = true;
    setBusy(true);
    try {
      return await ask(operator);
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  }

  return { add, busy };
}
