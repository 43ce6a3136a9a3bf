import { useEffect, useRef } from 'react';
import { useTitle } from './useTitle';

/**
 * What a page is called. It takes the focus when the page is opened, unless a field has it, so that a screen reader says where one is;
 * with `again` also when what had the focus is gone, as a form is that was sent.
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
