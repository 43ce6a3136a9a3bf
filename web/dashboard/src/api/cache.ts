// The normalised cache. Responses and live updates write to the same cache, so a change shows
// everywhere at once.
import { cacheExchange, type KeyingConfig, type UpdatesConfig } from '@urql/exchange-graphcache';
import { type Exchange, mapExchange, type OperationResult } from 'urql';
import { optimistic } from './optimistic';
import { nameUnknown, USER_ERRORS } from './userErrors';

/** Keys of types without an id. `null`: the object is embedded in its parent. */
const KEYS: KeyingConfig = {
  Plan: (plan) => plan.code as string,
  SeatUsage: () => null,
  // Another photo is another object: no size of the previous photo remains, whichever sizes are
  // queried.
  Photo: (photo) => /([^/]+)-\d+\.jpg$/.exec(String(photo.url))?.[1] ?? null,
  PageInfo: () => null,
  OperatorConnection: () => null,
  OperatorEdge: () => null,
  Server: () => null,
  MailedLink: () => null,
  InvitationLink: () => null,
  LostEmail: () => null,
  Invitation: () => null,
};

/**
 * By default, the cache invalidates all operators when a mutation returns one that it does not
 * have. Lists are updated live, so this is not needed.
 */
const UPDATES: UpdatesConfig = { Mutation: { addOperator: () => {} } };

export function cache(): Exchange[] {
  return [
    cacheExchange({ keys: KEYS, updates: UPDATES, optimistic, possibleTypes: { UserError: USER_ERRORS } }),
    mapExchange({ onResult: (result) => nameUnknown(whole(result)) }),
  ];
}

/**
 * Drops results with errors. An error sets the nearest nullable parent to null, and the cache would
 * store that null as the answer, for instance that there is no account.
 */
function whole(result: OperationResult): OperationResult {
  const hasGaps = result.operation.kind !== 'mutation' && Boolean(result.error?.graphQLErrors.length);
  return hasGaps ? { ...result, data: undefined } : result;
}
