import { useWords } from '../i18n';
import { NewPasswordField } from '../sign-in/NewPasswordField';

/** How a new operator gets a password; null: by an invitation. */
export function PasswordChoice(props: {
  password: string | null;
  onChange(password: string | null): void;
  faults: readonly string[] | undefined;
}) {
  const { t } = useWords();
  const { password, onChange } = props;
  return (
    <fieldset>
      <legend>{t('field.password')}</legend>
      <label className="choice">
        <input type="radio" name="passwordBy" checked={password === null} onChange={() => onChange(null)} />
        <span>
          <strong>{t('password.invite')}</strong>
          <br />
          <span className="quiet-text">{t('password.inviteHint')}</span>
        </span>
      </label>
      <label className="choice">
        <input type="radio" name="passwordBy" checked={password !== null} onChange={() => onChange(password ?? '')} />
        <span>
          <strong>{t('password.set')}</strong>
          <br />
          <span className="quiet-text">{t('password.setHint')}</span>
        </span>
      </label>
      {password !== null && (
        <NewPasswordField
          label={t('password.theirs')}
          name="password"
          value={password}
          onChange={onChange}
          faults={props.faults}
        />
      )}
    </fieldset>
  );
}
