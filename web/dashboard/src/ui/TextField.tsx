import type { HTMLInputTypeAttribute, ReactNode } from 'react';
import { Field } from './Field';

export interface TextFieldProps {
  label: string;
  name: string;
  value: string;
  onChange(value: string): void;
  type?: HTMLInputTypeAttribute;
  autoComplete?: string;
  inputMode?: 'email' | 'numeric' | 'search';
  hint?: ReactNode;
  faults?: readonly string[] | undefined;
  placeholder?: string;
  readOnly?: boolean;
  min?: number;
  max?: number;
  autoFocus?: boolean;
}

export function TextField({ label, hint, faults, onChange, autoFocus, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} faults={faults}>
      {(described) => (
        <input
          {...described}
          {...input}
          // biome-ignore lint/a11y/noAutofocus: only in dialogs and on form pages.
          autoFocus={autoFocus}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
