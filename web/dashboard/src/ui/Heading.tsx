import { useEffect, useRef } from 'react';
import { useTitle } from './useTitle';

/**
 * The title of a page. It takes the focus when the page opens, unless a field has it, so that a
 * screen reader announces the page. With `again`, also when the focused element disappears, such as
 * a form that was sent.
 */
export function Heading(props: { title: string; again?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isOpened = useRef(false);
  useTitle(props.title);
  useEffect(() => {
    const isFocusFree = document.activeElement === null || document.activeElement === document.body;
    if (isFocusFree && (props.again || !isOpened.current)) {
      heading.current?.focus({ preventScroll: true });
    }
    isOpened.current = true;
  });
  return (
    <h1 ref={heading} tabIndex={-1}>
      {props.title}
    </h1>
  );
}
