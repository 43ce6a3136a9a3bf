import type { ReactNode } from 'react';

/** A note next to its subject. Errors are announced at once. */
export function Notice(props: { kind: 'bad' | 'good' | 'info'; children: ReactNode }) {
  if (!props.children) {
    return null;
  }
  return (
    <div className={`notice ${props.kind}`} role={props.kind === 'bad' ? 'alert' : 'status'}>
      {props.children}
    </div>
  );
}
