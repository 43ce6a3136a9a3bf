import { useState } from 'react';
import type { Faults } from '../api/problems';
import { useMutate } from '../api/useMutate';
import { graphql } from '../gql';
import type { OperatorProfileFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { profileFaultsOf, together } from './answer';
import { changesOf, profileOf, withoutSaved } from './draft';
import { type InitialForm, type ProfileForm, useProfileForm } from './useProfileForm';

/** The fields of an operator for editing the profile. */
export const OperatorProfile = graphql(`
  fragment OperatorProfile on Operator {
    id
    accessLevel
    name
    publicName
    email
    pendingEmail
    lostEmail {
      email
      reason
      lostAt
    }
    description
    photo {
      url(size: 256)
    }
  }
`);

export const UpdateOperatorMutation = graphql(`
  mutation UpdateOperator($input: UpdateOperatorInput!) {
    updateOperator(input: $input) {
      operator {
        ...OperatorProfile
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const ChangeAccessLevelMutation = graphql(`
  mutation ChangeAccessLevel($input: ChangeAccessLevelInput!) {
    changeAccessLevel(input: $input) {
      operator {
        id
        accessLevel
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export const SetOperatorPhotoMutation = graphql(`
  mutation SetOperatorPhoto($input: SetOperatorPhotoInput!) {
    setOperatorPhoto(input: $input) {
      operator {
        ...OperatorProfile
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const RemoveOperatorPhotoMutation = graphql(`
  mutation RemoveOperatorPhoto($input: RemoveOperatorPhotoInput!) {
    removeOperatorPhoto(input: $input) {
      operator {
        ...OperatorProfile
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export interface ProfileDraft extends ProfileForm {
  /** The password field for a change of the operator's own address; null if it is not needed. */
  password: { value: string; set(value: string): void } | null;
  /**
   * Saves the changes. Returns whether all succeeded. Rejected changes stay in the form, with their
   * faults.
   */
  save(): Promise<boolean>;
}

/** One request of a save, and what to do when it succeeds. */
interface Step {
  send(): Promise<Faults | null>;
  granted(): void;
}

/**
 * Edits an operator's profile. A save has up to three requests, for profile, access level and
 * photo. Each succeeds or fails by itself, and its saved fields leave the draft.
 */
export function useProfileDraft(
  operator: OperatorProfileFragment,
  isSelf: boolean,
  initial?: InitialForm,
): ProfileDraft {
  const words = useWords();
  const live = profileOf(operator);
  const form = useProfileForm(live, operator.photo?.url ?? null, initial);
  const [currentPassword, setCurrentPassword] = useState('');
  const asksPassword = isSelf && form.values.email !== live.email;
  const mutate = useMutate();

  function steps(): Step[] {
    const { profile, accessLevel } = changesOf(operator.id, live, form.typed);
    const { accessLevel: sentLevel, ...sent } = form.typed;
    const { change } = form.photo;
    const steps: Step[] = [];
    if (profile) {
      steps.push({
        send: async () => {
          const changes = asksPassword ? { ...profile, currentPassword } : profile;
          const input = { ...changes, language: words.mailLanguage };
          return profileFaultsOf(await mutate(UpdateOperatorMutation, { input }), '', words);
        },
        granted: () => {
          form.setTyped((now) => withoutSaved(now, sent));
          setCurrentPassword('');
        },
      });
    }
    if (accessLevel) {
      steps.push({
        send: async () => {
          const answer = await mutate(ChangeAccessLevelMutation, { input: accessLevel });
          return profileFaultsOf(answer, 'accessLevel', words);
        },
        granted: () => form.setTyped((now) => withoutSaved(now, { accessLevel: sentLevel })),
      });
    }
    if (change) {
      steps.push({
        send: async () => {
          const answer =
            change.is === 'chosen'
              ? await mutate(SetOperatorPhotoMutation, { input: { operatorId: operator.id, photo: change.file } })
              : await mutate(RemoveOperatorPhotoMutation, { input: { operatorId: operator.id } });
          return profileFaultsOf(answer, 'photo', words);
        },
        granted: () => form.photo.saved(change),
      });
    }
    return steps;
  }

  async function save(): Promise<boolean> {
    const answers = await Promise.all(
      steps().map(async (step) => {
        const faults = await step.send();
        if (faults === null) {
          step.granted();
        }
        return faults;
      }),
    );
    const refused = answers.filter((faults) => faults !== null);
    const partly = refused.length > 0 && refused.length < answers.length;
    form.show(() => together(partly ? [...refused, { '': [words.t('form.partlySaved')] }] : refused));
    return refused.length === 0;
  }

  const password = asksPassword ? { value: currentPassword, set: setCurrentPassword } : null;
  return { ...form, password, save };
}
