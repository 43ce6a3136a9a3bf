import { type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps the focus in a list whose items can disappear. When the focused item disappears, the focus
 * moves to the link of the item that replaces it, or to the list. It never moves to a button, which
 * the next key press would activate.
 */
export function useKeptFocus(list: RefObject<HTMLElement | null>, items: readonly unknown[]): void {
  const place = useRef<number | null>(null);

  // Only after the list has changed: otherwise other code owns the focus.
  useEffect(() => {
    const element = list.current;
    if (place.current !== null && element && items && document.activeElement === document.body) {
      const item = element.children[Math.min(place.current, element.children.length - 1)];
      (item?.querySelector<HTMLElement>('a') ?? element).focus();
    }
  }, [list, items]);

  useEffect(() => {
    const onFocus = ({ target }: FocusEvent) => {
      const within = target instanceof Node && list.current?.contains(target);
      const item = within && [...(list.current?.children ?? [])].findIndex((child) => child.contains(target));
      place.current = typeof item === 'number' && item >= 0 ? item : null;
    };
    // A click outside of all controls ends the focus on purpose.
    const onPointer = () => {
      place.current = null;
    };
    document.addEventListener('focusin', onFocus);
    document.addEventListener('pointerdown', onPointer);
    return () => {
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('pointerdown', onPointer);
    };
  }, [list]);
}
