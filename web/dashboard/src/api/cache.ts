// The one normalised cache that answers and what comes by WebSocket both write, so that a change shows wherever it is seen.
import { cacheExchange, type KeyingConfig, type UpdatesConfig } from '@urql/exchange-graphcache';
import { type Exchange, mapExchange, type OperationResult } from 'urql';
import { optimistic } from './optimistic';
import { nameUnknown, USER_ERRORS } from './userErrors';

/** What names a thing that has no id. `null`: it is a part of what it stands in. */
const KEYS: KeyingConfig = {
  Plan: (plan) => plan.code as string,
  SeatUsage: () => null,
  // Another photo is another thing: nothing of the one before is left in it, whichever sizes of it are asked for.
  Photo: (photo) => /([^/]+)-\d+\.jpg$/.exec(String(photo.url))?.[1] ?? null,
  PageInfo: () => null,
  OperatorConnection: () => null,
  OperatorEdge: () => null,
  Server: () => null,
  MailedLink: () => null,
  LostEmail: () => null,
  InvitationProblem: () => null,
};

/**
 * The cache would take every operator that it knows for outdated when it meets one that it does not know yet. Lists are live, and
 * need no such guess.
 */
const UPDATES: UpdatesConfig = { Mutation: { addOperator: () => {} } };

export function cache(): Exchange[] {
  return [
    cacheExchange({ keys: KEYS, updates: UPDATES, optimistic, possibleTypes: { UserError: USER_ERRORS } }),
    mapExchange({ onResult: (result) => nameUnknown(whole(result)) }),
  ];
}

/**
 * Leaves out what was read when something of it failed. A failure empties all around it that may be empty, which the cache would take for
 * the answer: that there is no account, for instance.
 */
function whole(result: OperationResult): OperationResult {
  const hasGaps = result.operation.kind !== 'mutation' && Boolean(result.error?.graphQLErrors.length);
  return hasGaps ? { ...result, data: undefined } : result;
}
