import { useId } from 'react';
import { useWords } from '../i18n';
import { Avatar } from '../ui/Avatar';
import type { ProfileForm } from './useProfileForm';

/**
 * Shows what visitors see of an operator once the form is saved: the fields of an `OperatorCard`.
 */
export function VisitorPreview(props: { form: ProfileForm; hint?: string | undefined }) {
  const { t } = useWords();
  const title = useId();
  const { name, publicName, description } = props.form.values;
  const shownName = publicName.trim() || name.trim();
  return (
    <aside className="visitor-preview card" aria-labelledby={title}>
      <h2 id={title}>{t('preview.title')}</h2>
      <div className="visitor-card">
        <Avatar name={shownName} url={props.form.photo.url} size="large" />
        <p>
          <strong>{shownName || t('preview.noName')}</strong>
          {description.trim() && <span>{description.trim()}</span>}
        </p>
      </div>
      {props.hint && <p className="hint">{props.hint}</p>}
    </aside>
  );
}
