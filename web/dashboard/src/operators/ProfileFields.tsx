import { useWords } from '../i18n';
import { PhotoField } from '../photo/PhotoField';
import { PasswordField } from '../ui/PasswordField';
import { TextField } from '../ui/TextField';
import { DescriptionField } from './DescriptionField';
import type { ProfileForm } from './useProfileForm';

/** The photo of a profile form. */
export function ProfilePhoto({ form }: { form: ProfileForm }) {
  return (
    <PhotoField
      name={form.values.publicName || form.values.name}
      photo={form.photo}
      faults={form.faults.photo}
      onFaults={(faults) => form.setFaults((before) => ({ ...before, photo: faults }))}
    />
  );
}

/** The name that visitors see. */
export function PublicNameField(props: { form: ProfileForm; own: boolean }) {
  const { t } = useWords();
  const { form } = props;
  return (
    <TextField
      label={t('field.publicName')}
      name="publicName"
      autoComplete={props.own ? 'nickname' : 'off'}
      hint={t('operator.publicNameHint')}
      placeholder={form.values.name}
      value={form.values.publicName}
      onChange={(value) => form.set('publicName', value)}
      faults={form.faults.publicName}
    />
  );
}

/**
 * The fields of every profile form, in their usual order: photo, name, public name, e-mail and
 * description.
 */
export function ProfileFields(props: {
  form: ProfileForm;
  /** Why this operator cannot change the address. */
  emailLocked?: string | undefined;
  /** A hint about the address. */
  emailHint?: string | undefined;
  /** The password field for a change of the operator's own address. */
  password?: { value: string; set(value: string): void } | null;
  /** Whether the profile is the user's own, so that the browser may autofill it. */
  own?: boolean;
}) {
  const { t } = useWords();
  const { form } = props;
  return (
    <>
      <ProfilePhoto form={form} />
      <TextField
        label={t('field.name')}
        name="name"
        autoComplete={props.own ? 'name' : 'off'}
        value={form.values.name}
        onChange={(value) => form.set('name', value)}
        faults={form.faults.name}
      />
      <PublicNameField form={form} own={props.own ?? false} />
      <TextField
        label={t('field.email')}
        name="email"
        type="email"
        autoComplete={props.own ? 'email' : 'off'}
        readOnly={props.emailLocked !== undefined}
        hint={props.emailLocked ?? props.emailHint}
        value={form.values.email}
        onChange={(value) => form.set('email', value)}
        faults={form.faults.email}
      />
      {props.password && (
        <PasswordField
          label={t('field.currentPassword')}
          name="currentPassword"
          autoComplete="current-password"
          hint={t('address.takesPassword')}
          value={props.password.value}
          onChange={props.password.set}
          faults={form.faults.currentPassword}
        />
      )}
      <DescriptionField form={form} />
    </>
  );
}
