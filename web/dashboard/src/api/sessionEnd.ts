import type { OperationResult } from 'urql';

/**
 * Whether a response shows that the session has ended: by an error code, or by a null viewer and a
 * null account. The WebSocket reports the end as well, but some networks block WebSockets.
 */
export function endsSession({ data, error }: Pick<OperationResult, 'data' | 'error'>): boolean {
  const isRefused = error?.graphQLErrors.some((one) => one.extensions?.code === 'UNAUTHENTICATED');
  return Boolean(isRefused) || (!error && (data?.viewer === null || data?.account === null));
}
