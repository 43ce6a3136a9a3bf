import { useEffect, useState } from 'react';

const DELAY_MS = 2_000;

/** True after `now` has been true for a while. */
export function useDelayed(now: boolean): boolean {
  const [lasted, setLasted] = useState(false);
  useEffect(() => {
    if (!now) {
      setLasted(false);
      return;
    }
    const timer = setTimeout(() => setLasted(true), DELAY_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return lasted;
}
