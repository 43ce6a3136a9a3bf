import { useState } from 'react';
import type { Faults } from '../api/problems';
import { type Form, useForm } from '../api/useForm';
import { type PhotoDraft, usePhotoDraft } from '../photo/usePhotoDraft';
import { FIELDS } from './answer';
import { isChanged, merge, type Profile, type Typed, touch } from './draft';

/**
 * What `ProfileFields` renders and updates. Its faults are those of the operator's fields, and
 * `photo` for the photo.
 */
export interface ProfileForm extends Form {
  /** The values that the form shows. */
  values: Profile;
  photo: PhotoDraft;
  /** Whether leaving would lose changes. */
  changed: boolean;
  /** Typed values by field. */
  typed: Typed;
  set<Field extends keyof Profile>(field: Field, value: Profile[Field]): void;
  setTyped(change: (before: Typed) => Typed): void;
}

/** The start of a form that began on another page. */
export interface InitialForm {
  photo?: Blob;
  faults: Faults;
}

/** A profile while it is edited, on top of its live values. */
export function useProfileForm(live: Profile, livePhotoUrl: string | null, initial?: InitialForm): ProfileForm {
  const [typed, setTyped] = useState<Typed>({});
  const form = useForm(FIELDS, initial?.faults);
  const photo = usePhotoDraft(livePhotoUrl, initial?.photo);
  return {
    ...form,
    values: merge(live, typed),
    photo,
    changed: photo.change !== null || isChanged(live, typed),
    typed,
    set: (field, value) => {
      setTyped((before) => touch(live, before, field, value));
      // The fault was about the old value.
      form.setFaults((before) => withoutField(before, field));
    },
    setTyped,
  };
}

export function withoutField(faults: Faults, field: string): Faults {
  const { [field]: _, ...others } = faults;
  return others;
}
