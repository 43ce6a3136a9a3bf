import { useEffect } from 'react';

/** The page title for the tab, the history and screen readers. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Deskbell`;
  }, [title]);
}
