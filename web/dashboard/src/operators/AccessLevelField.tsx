import { useId } from 'react';
import { useSession } from '../api/session';
import type { AccessLevel } from '../gql/graphql';
import { useWords, type Words } from '../i18n';
import { Faults } from '../ui/Field';
import type { ProfileForm } from './useProfileForm';

const LEVELS: readonly AccessLevel[] = ['LIMITED', 'FULL'];

/** The name of an access level. An unknown level of a newer server keeps the server's name. */
export function nameOf(level: AccessLevel, { t }: Words): string {
  return LEVELS.includes(level) ? t(`access.${level}`) : level;
}

/** The choice of an access level, with an explanation of each. */
export function AccessLevelField(props: {
  form: ProfileForm;
  /** Why this operator cannot change the level. */
  locked?: string | undefined;
}) {
  const { t } = useWords();
  const { hasPlans } = useSession();
  const id = useId();
  const { form, locked } = props;
  const faults = form.faults.accessLevel ?? [];
  const describedBy = [faults.length > 0 && `${id}-faults`, locked && `${id}-locked`].filter(Boolean).join(' ');
  return (
    <fieldset aria-describedby={describedBy || undefined} aria-invalid={faults.length > 0 || undefined} tabIndex={-1}>
      <legend>{t('field.accessLevel')}</legend>
      {LEVELS.map((level) => (
        <label className="choice" key={level}>
          <input
            type="radio"
            name="accessLevel"
            value={level}
            checked={form.values.accessLevel === level}
            disabled={locked !== undefined}
            aria-describedby={`${id}-${level}`}
            onChange={() => form.set('accessLevel', level)}
          />
          <span>
            <strong>{t(`access.${level}`)}</strong>
            <br />
            <span id={`${id}-${level}`} className="quiet-text">
              {t(level === 'FULL' && !hasPlans ? 'access.explained.withoutPlans' : `access.explained.${level}`)}
            </span>
          </span>
        </label>
      ))}
      {locked && (
        <p id={`${id}-locked`} className="hint">
          {locked}
        </p>
      )}
      <Faults id={`${id}-faults`} faults={faults} />
    </fieldset>
  );
}
