import type { OperationResult } from 'urql';

/**
 * Whether an answer says that there is no session any more: by an error, or since nobody asks and no account is theirs. The socket says
 * so as well, where there is one; some networks let none through.
 */
export function endsSession({ data, error }: Pick<OperationResult, 'data' | 'error'>): boolean {
  const isRefused = error?.graphQLErrors.some((one) => one.extensions?.code === 'UNAUTHENTICATED');
  return Boolean(isRefused) || (!error && (data?.viewer === null || data?.account === null));
}
