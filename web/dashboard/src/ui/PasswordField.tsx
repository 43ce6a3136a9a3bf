import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { Field } from './Field';

/** A password field that can show its text, to find typing errors. */
export function PasswordField(props: {
  label: string;
  name: string;
  value: string;
  onChange(value: string): void;
  autoComplete: 'current-password' | 'new-password';
  hint?: ReactNode;
  faults?: readonly string[] | undefined;
  /** Only if the password is the only input. */
  autoFocus?: boolean;
}) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const takesFocus = useRef(props.autoFocus);
  useEffect(() => {
    // Not by the attribute: a dialog around the field moves the focus to its first field.
    if (takesFocus.current) {
      input.current?.focus();
    }
  }, []);
  return (
    <Field label={props.label} hint={props.hint} faults={props.faults}>
      {(described) => (
        <span className="with-button">
          <input
            {...described}
            ref={input}
            type={shown ? 'text' : 'password'}
            name={props.name}
            value={props.value}
            autoComplete={props.autoComplete}
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
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
