import { useRef, useState } from 'react';

/** Tracks which operations are in flight, so that none starts twice. */
export function usePending() {
  // A ref, because a second click can come before React has rendered the first.
  const pending = useRef(new Set<string>());
  const [, setChanges] = useState(0);
  return {
    has: (id: string) => pending.current.has(id),
    any: pending.current.size > 0,
    /** Runs `act` for `id`, unless one is in flight. */
    async run(id: string, act: () => Promise<boolean>): Promise<boolean> {
      if (pending.current.has(id)) {
        return false;
      }
      pending.current.add(id);
      setChanges((changes) => changes + 1);
      try {
        return await act();
      } finally {
        pending.current.delete(id);
        setChanges((changes) => changes + 1);
      }
    },
  };
}
