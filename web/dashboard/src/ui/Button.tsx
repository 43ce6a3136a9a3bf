import type { ReactNode } from 'react';

/** A button that shows when it is busy. It keeps the focus then, which `disabled` would lose. */
export function Button(props: {
  children: ReactNode;
  kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  type?: 'submit' | 'button';
  busy?: boolean;
  disabled?: boolean;
  label?: string;
  onClick?: () => void;
}) {
  const idle = !props.busy && !props.disabled;
  return (
    <button
      type={props.type ?? 'button'}
      className={props.kind ?? 'plain'}
      aria-disabled={!idle || undefined}
      aria-busy={props.busy || undefined}
      aria-label={props.label}
      onClick={(event) => {
        if (idle) {
          props.onClick?.();
        } else {
          event.preventDefault();
        }
      }}
    >
      {props.children}
    </button>
  );
}
