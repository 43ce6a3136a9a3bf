// A profile while it is edited: typed fields on top of the live operator. Other operators can
// change the profile at the same time: untouched fields follow, and typed fields are kept.
import type { AccessLevel, ChangeAccessLevelInput, OperatorProfileFragment, UpdateOperatorInput } from '../gql/graphql';

/** The values of the form's fields. */
export interface Profile {
  accessLevel: AccessLevel;
  name: string;
  /** Empty: the same as `name`. */
  publicName: string;
  email: string;
  /** Empty: no description. */
  description: string;
}

export type Typed = Partial<Profile>;

/** The values of the fields before anything is typed. */
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

/** The values that the form shows. */
export function merge(live: Profile, typed: Typed): Profile {
  return { ...live, ...typed };
}

/** The draft after a field changed. Typing the live value again makes the field untouched. */
export function touch<Field extends keyof Profile>(
  live: Profile,
  typed: Typed,
  field: Field,
  value: Profile[Field],
): Typed {
  const { [field]: _, ...others } = typed;
  return value === live[field] ? (others as Typed) : { ...typed, [field]: value };
}

/** The draft after `sent` was saved. Fields that changed in the meantime are kept. */
export function withoutSaved(typed: Typed, sent: Typed): Typed {
  const left = Object.entries(typed).filter(([field, value]) => value !== sent[field as keyof Profile]);
  return Object.fromEntries(left);
}

export function isChanged(live: Profile, typed: Typed): boolean {
  return Object.entries(typed).some(([field, value]) => value !== live[field as keyof Profile]);
}

/** The requests that save a draft; null: not needed. Each succeeds or fails as a whole. */
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
  // An empty public name means the current name, not the name before the change.
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

/** A string for the API: null if it has only white space. */
export function orNull(text: string): string | null {
  return text.trim() === '' ? null : text;
}
