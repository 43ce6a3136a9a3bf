import { type ReactNode, useState } from 'react';
import { useWords } from '../i18n';
import { Field } from './Field';

/** A password that can be shown, since nobody sees what they mistype. */
export function PasswordField(props: {
  label: string;
  name: string;
  value: string;
  onChange(value: string): void;
  autoComplete: 'current-password' | 'new-password';
  hint?: ReactNode;
  faults?: readonly string[] | undefined;
  autoFocus?: boolean;
}) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  return (
    <Field label={props.label} hint={props.hint} faults={props.faults}>
      {(described) => (
        <span className="with-button">
          <input
            {...described}
            type={shown ? 'text' : 'password'}
            name={props.name}
            value={props.value}
            autoComplete={props.autoComplete}
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: only where the password is all that is asked for.
            autoFocus={props.autoFocus}
            onChange={(event) => props.onChange(event.target.value)}
          />
          <button
            type="button"
            className="quiet"
            aria-controls={described.id}
            aria-pressed={shown}
            aria-label={t('password.showLabel', { field: props.label })}
            onClick={() => setShown(!shown)}
          >
            {shown ? t('password.hide') : t('password.show')}
          </button>
        </span>
      )}
    </Field>
  );
}
