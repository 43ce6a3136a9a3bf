import { useEffect, useState } from 'react';
import { onOperation, post } from './fetcher.js';

const QUERY = { query: 'query SignedIn { viewer { name email } }' };

/**
 * Shows as whom operations run: by the cookie, or by the headers of the latest operation. Reads it
 * at the start, after each mutation, and when the tab becomes visible.
 */
export function Viewer() {
  const [text, setText] = useState('');
  useEffect(() => {
    let headers;
    let latest = 0;
    async function read() {
      latest += 1;
      const own = latest;
      const shown = await post(QUERY, headers).then(
        ({ data }) => (data?.viewer ? `Signed in as ${data.viewer.name} (${data.viewer.email})` : 'Not signed in'),
        // The result pane shows why the server does not answer.
        () => '',
      );
      // An older answer must not replace a newer one.
      if (own === latest) {
        setText(shown);
      }
    }
    const stop = onOperation((operation) => {
      const isOther = JSON.stringify(operation.headers) !== JSON.stringify(headers);
      headers = operation.headers;
      if (operation.isMutation || isOther) {
        void read();
      }
    });
    const look = () => document.visibilityState === 'visible' && void read();
    document.addEventListener('visibilitychange', look);
    void read();
    return () => {
      latest = -1;
      stop();
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return (
    <p className="deskbell-viewer" role="status">
      {text}
    </p>
  );
}
