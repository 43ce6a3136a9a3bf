import { type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps the focus in a list whose items come and go by themselves. When the item that has it goes, the link of the item in its place
 * gets it, or the list; never a button, which a second press of the same key would push.
 */
export function useKeptFocus(list: RefObject<HTMLElement | null>, items: readonly unknown[]): void {
  const place = useRef<number | null>(null);

  // Only where the list has changed: elsewhere the focus is somebody else's.
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
    // Whoever clicks beside everything wants no focus kept.
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
