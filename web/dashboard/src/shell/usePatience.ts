import { useEffect, useState } from 'react';

const PATIENCE_MS = 2_000;

/** True after `now` has been true for a while. */
export function usePatience(now: boolean): boolean {
  const [lasted, setLasted] = useState(false);
  useEffect(() => {
    if (!now) {
      setLasted(false);
      return;
    }
    const timer = setTimeout(() => setLasted(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return lasted;
}
