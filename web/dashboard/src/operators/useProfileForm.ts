import { useState } from 'react';
import type { Faults } from '../api/problems';
import { type PhotoDraft, usePhotoDraft } from '../photo/usePhotoDraft';
import { isChanged, merge, type Profile, type Typed, touch } from './draft';

/** What `ProfileFields` draws and writes to. */
export interface ProfileForm {
  /** What the fields show. */
  values: Profile;
  photo: PhotoDraft;
  /** By field; `photo` for the photo, `''` for none in particular. */
  faults: Faults;
  /** Whether anything would be lost by leaving. */
  changed: boolean;
  /** What was typed, by field. */
  typed: Typed;
  set<Field extends keyof Profile>(field: Field, value: Profile[Field]): void;
  setTyped(change: (before: Typed) => Typed): void;
  setFaults(change: (before: Faults) => Faults): void;
}

/** What a form begins with that was begun elsewhere. */
export interface Begun {
  photo?: Blob;
  faults: Faults;
}

/** A profile while somebody edits it, over what it is at this moment. */
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
      // What was wrong with it was said of what it was.
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
