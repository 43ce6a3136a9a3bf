import { useEffect, useState } from 'react';
import { takeToken } from './token';

/**
 * The token of the mailed link that the page was opened with; empty if none is complete. Opening
 * another link in the same tab changes only the fragment, without loading the page.
 */
export function useToken(): string {
  const [token, setToken] = useState(takeToken);
  useEffect(() => {
    const onLink = () => {
      if (location.hash) {
        setToken(takeToken());
      }
    };
    addEventListener('hashchange', onLink);
    return () => removeEventListener('hashchange', onLink);
  }, []);
  return token;
}
