import { useRef, useState } from 'react';

/** Which of many things are under way, so that none is begun twice. */
export function usePending() {
  // Asked before React has drawn what a first click did.
  const pending = useRef(new Set<string>());
  const [, setChanges] = useState(0);
  return {
    has: (id: string) => pending.current.has(id),
    any: pending.current.size > 0,
    /** Does something for `id`, unless that is under way already. */
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
