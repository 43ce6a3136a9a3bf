import { useEffect, useState } from 'react';

/** Gives what moves the focus to the first field of a form that has a fault, once the faults that were set before are drawn. */
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
