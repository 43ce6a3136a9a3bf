// A profile while somebody edits it: what they typed lies over the operator as they are at this moment. Somebody else may change the
// operator meanwhile: fields that were not touched follow, and nothing that was typed is lost.
import type { AccessLevel, ChangeAccessLevelInput, OperatorProfileFragment, UpdateOperatorInput } from '../gql/graphql';

/** What the fields of the form hold. */
export interface Profile {
  accessLevel: AccessLevel;
  name: string;
  /** Empty: the same as `name`. */
  publicName: string;
  email: string;
  /** Empty: none. */
  description: string;
}

export type Typed = Partial<Profile>;

/** What the operator's fields hold while nothing is typed. */
export function profileOf(operator: OperatorProfileFragment): Profile {
  const { accessLevel, name, publicName, email, description } = operator;
  return {
    accessLevel,
    name,
    publicName: publicName === name ? '' : publicName,
    email: email ?? '',
    description: description ?? '',
  };
}

/** What the fields show. */
export function merge(live: Profile, typed: Typed): Profile {
  return { ...live, ...typed };
}

/** The draft after a field was changed. Typed back to what it was, it is not touched any more. */
export function touch<Field extends keyof Profile>(
  live: Profile,
  typed: Typed,
  field: Field,
  value: Profile[Field],
): Typed {
  const { [field]: _, ...others } = typed;
  return value === live[field] ? (others as Typed) : { ...typed, [field]: value };
}

/** The draft after `sent` was saved: what was typed since then stays. */
export function withoutSaved(typed: Typed, sent: Typed): Typed {
  const left = Object.entries(typed).filter(([field, value]) => value !== sent[field as keyof Profile]);
  return Object.fromEntries(left);
}

export function isChanged(live: Profile, typed: Typed): boolean {
  return Object.entries(typed).some(([field, value]) => value !== live[field as keyof Profile]);
}

/** What has to be asked of the server to save a draft; null: nothing. Each is granted or refused as a whole. */
export interface Changes {
  profile: UpdateOperatorInput | null;
  accessLevel: ChangeAccessLevelInput | null;
}

export function changesOf(operatorId: string, live: Profile, typed: Typed): Changes {
  const wanted = merge(live, typed);
  const differs = (field: keyof Profile) => wanted[field] !== live[field];
  const profile: UpdateOperatorInput = { operatorId };
  if (differs('name')) {
    profile.name = wanted.name;
  }
  // A name for visitors that is shown as "the same" is the same from now on, and not what the name was before.
  if (differs('publicName') || (differs('name') && wanted.publicName === '')) {
    profile.publicName = orNull(wanted.publicName);
  }
  if (differs('email')) {
    profile.email = wanted.email;
  }
  if (differs('description')) {
    profile.description = orNull(wanted.description);
  }
  return {
    profile: Object.keys(profile).length > 1 ? profile : null,
    accessLevel: differs('accessLevel') ? { operatorId, accessLevel: wanted.accessLevel } : null,
  };
}

/** Text as the API takes it: nothing but white space is none. */
export function orNull(text: string): string | null {
  return text.trim() === '' ? null : text;
}
