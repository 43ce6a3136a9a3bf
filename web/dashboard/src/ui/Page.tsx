import { type ReactNode, useEffect, useRef } from 'react';
import { useTitle } from './useTitle';

/** A page of the dashboard. Its heading takes the focus when it is opened, so that a screen reader says where one is. */
export function Page(props: { title: string; actions?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(props.title);
  useEffect(() => {
    // Not where a field has it already.
    if (document.activeElement === null || document.activeElement === document.body) {
      heading.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <>
      <header className="page-header">
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.actions}
      </header>
      {props.children}
    </>
  );
}
