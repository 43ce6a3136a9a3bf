import { useEffect, useState } from 'react';

/**
 * Returns a function that moves the focus to the first field with a fault, after the current faults
 * are rendered.
 */
export function useFocusFirstFault(): (form: HTMLElement) => void {
  const [wanted, setWanted] = useState<HTMLElement | null>(null);
  useEffect(() => {
    if (wanted) {
      wanted.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      setWanted(null);
    }
  }, [wanted]);
  return setWanted;
}
