import type { ReactNode } from 'react';

/** Whose activity may be changed. */
export interface Somebody {
  id: string;
  name: string;
}

/** Activates and deactivates operators. `dialog` is to be drawn by whoever uses it: it explains, when no seat is free. */
export function useActivity(): {
  setActive(operator: Somebody, isActive: boolean): Promise<boolean>;
  busy: boolean;
  dialog: ReactNode;
} {
  throw new Error('not yet');
}
