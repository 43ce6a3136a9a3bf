import { useQuery } from 'urql';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { PasswordField } from '../ui/PasswordField';

const NewPasswordServerQuery = graphql(`
  query NewPasswordServer {
    server {
      passwordMinLength
    }
  }
`);

/** How a new operator comes by a password; null: by an invitation. */
export function PasswordChoice(props: {
  password: string | null;
  onChange(password: string | null): void;
  faults: readonly string[] | undefined;
}) {
  const { t } = useWords();
  const [{ data }] = useQuery({ query: NewPasswordServerQuery });
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
        <PasswordField
          label={t('password.theirs')}
          name="password"
          autoComplete="new-password"
          hint={t('password.hint', { count: data?.server.passwordMinLength ?? 12 })}
          value={password}
          onChange={onChange}
          faults={props.faults}
        />
      )}
    </fieldset>
  );
}
