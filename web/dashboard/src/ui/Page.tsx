import type { ReactNode } from 'react';
import { Heading } from './Heading';

/** A page of the dashboard. */
export function Page(props: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <>
      <header className="page-header">
        <Heading title={props.title} />
        {props.actions}
      </header>
      {props.children}
    </>
  );
}
