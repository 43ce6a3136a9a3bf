// The one normalised cache that answers and what comes by WebSocket both write, so that a change shows wherever it is seen.
import { cacheExchange, type KeyingConfig } from '@urql/exchange-graphcache';
import { type Exchange, mapExchange } from 'urql';
import { optimistic } from './optimistic';
import { nameUnknown, USER_ERRORS } from './userErrors';

/** What names a thing that has no id. `null`: it is a part of what it stands in. */
const KEYS: KeyingConfig = {
  Plan: (plan) => plan.code as string,
  SeatUsage: () => null,
  Photo: () => null,
  PageInfo: () => null,
  OperatorConnection: () => null,
  OperatorEdge: () => null,
  Server: () => null,
};

export function cache(): Exchange[] {
  return [
    cacheExchange({ keys: KEYS, optimistic, possibleTypes: { UserError: USER_ERRORS } }),
    mapExchange({ onResult: nameUnknown }),
  ];
}
