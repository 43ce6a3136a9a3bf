import { useState } from 'react';

/**
 * What was last read. A page that cannot be read anew for a moment goes on showing that, and what is typed over it stays.
 */
export function useLast<Value>(read: Value | null | undefined): Value | undefined {
  const [last, setLast] = useState(read ?? undefined);
  if (read != null && read !== last) {
    setLast(read);
  }
  return read ?? last;
}
