import type { ReactNode } from 'react';

/** Something to know, beside what it is about. What is bad is read out at once. */
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
