import { useCallback, useEffect, useState } from 'react';

/** The change of the photo when the form is saved; null: no change. */
export type PhotoChange = { is: 'chosen'; file: Blob; url: string } | { is: 'removed' } | null;

export interface PhotoDraft {
  change: PhotoChange;
  /** The photo to show; null: none. */
  url: string | null;
  set(file: Blob | null): void;
  /** Discards the change. */
  reset(): void;
  /** Discards a change that was saved, unless it was replaced by another change. */
  saved(change: PhotoChange): void;
}

/** A photo while it is edited. */
export function usePhotoDraft(liveUrl: string | null, initial?: Blob): PhotoDraft {
  const [change, setChange] = useState<PhotoChange>(() => (initial ? chosen(initial) : null));
  const url = change?.is === 'chosen' ? change.url : null;
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url]);

  const hasLive = liveUrl !== null;
  const set = useCallback(
    (file: Blob | null) => setChange(file ? chosen(file) : hasLive ? { is: 'removed' } : null),
    [hasLive],
  );
  const reset = useCallback(() => setChange(null), []);
  const saved = useCallback((done: PhotoChange) => setChange((now) => (now === done ? null : now)), []);
  return { change, url: change ? url : liveUrl, set, reset, saved };
}

function chosen(file: Blob): PhotoChange {
  return { is: 'chosen', file, url: URL.createObjectURL(file) };
}
