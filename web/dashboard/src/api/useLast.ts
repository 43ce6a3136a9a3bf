import { useState } from 'react';

/**
 * The last value that was read. A page that temporarily cannot be read still shows it, and keeps
 * what was typed.
 */
export function useLast<Value>(read: Value | null | undefined): Value | undefined {
  const [last, setLast] = useState(read ?? undefined);
  if (read != null && read !== last) {
    setLast(read);
  }
  return read ?? last;
}
