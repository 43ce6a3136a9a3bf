import { useState } from 'react';
import type { Faults } from '../api/problems';
import { type PhotoDraft, usePhotoDraft } from '../photo/usePhotoDraft';
import { isChanged, merge, type Profile, type Typed, touch } from './draft';

/** What `ProfileFields` renders and updates. */
export interface ProfileForm {
  /** The values that the form shows. */
  values: Profile;
  photo: PhotoDraft;
  /** Faults by field: `photo` for the photo, `''` for no particular field. */
  faults: Faults;
  /** Whether leaving would lose changes. */
  changed: boolean;
  /** Typed values by field. */
  typed: Typed;
  set<Field extends keyof Profile>(field: Field, value: Profile[Field]): void;
  setTyped(change: (before: Typed) => Typed): void;
  setFaults(change: (before: Faults) => Faults): void;
}

/** The start of a form that began on another page. */
export interface Begun {
  photo?: Blob;
  faults: Faults;
}

/** A profile while it is edited, on top of its live values. */
export function useProfileForm(live: Profile, livePhotoUrl: string | null, begun?: Begun): ProfileForm {
  const [typed, setTyped] = useState<Typed>({});
  const [faults, setFaults] = useState<Faults>(begun?.faults ?? {});
  const photo = usePhotoDraft(livePhotoUrl, begun?.photo);
  return {
    values: merge(live, typed),
    photo,
    faults,
    changed: photo.change !== null || isChanged(live, typed),
    typed,
    set: (field, value) => {
      setTyped((before) => touch(live, before, field, value));
      // The fault was about the old value.
      setFaults((before) => withoutField(before, field));
    },
    setTyped,
    setFaults,
  };
}

export function withoutField(faults: Faults, field: string): Faults {
  const { [field]: _, ...others } = faults;
  return others;
}
