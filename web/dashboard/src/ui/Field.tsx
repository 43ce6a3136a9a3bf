import { type ReactNode, useId } from 'react';

/** Attributes that connect an input with its label, hint and faults. */
export interface Described {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
}

/** A label, an input, a hint and the faults. */
export function Field(props: {
  label: string;
  hint?: ReactNode;
  faults?: readonly string[] | undefined;
  children: (described: Described) => ReactNode;
}) {
  const id = useId();
  const faults = props.faults ?? [];
  const describedBy = [faults.length > 0 && `${id}-faults`, props.hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      {props.children({
        id,
        'aria-describedby': describedBy || undefined,
        'aria-invalid': faults.length > 0 || undefined,
      })}
      <Faults id={`${id}-faults`} faults={faults} />
      {props.hint && (
        <p id={`${id}-hint`} className="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}

export function Faults(props: { id?: string; faults: readonly string[] }) {
  const [first, ...more] = props.faults;
  if (first === undefined) {
    return null;
  }
  return (
    <div id={props.id} className="faults">
      <p>{first}</p>
      {more.length > 0 && (
        <ul>
          {more.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
