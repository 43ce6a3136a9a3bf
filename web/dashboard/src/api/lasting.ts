// A subscription that lasts. graphql-ws makes a lost connection anew by itself, and gives up for good where the server says that
// something went wrong on its side, or that there are too many requests, which passes as well.
import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';
import { isForbidden, pause } from './socket';

const PASSING: readonly unknown[] = ['INTERNAL_SERVER_ERROR', 'TOO_MANY_REQUESTS'];

export type Item = FormattedExecutionResult<Record<string, unknown>, Record<string, unknown>>;

/** Follows a subscription, and begins it again when it was broken off. Gives what ends it. */
export function lasting(client: Pick<Client, 'subscribe'>, request: SubscribePayload, sink: Sink<Item>): () => void {
  let stop = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  begin();
  return () => {
    clearTimeout(timer);
    stop();
  };

  function begin() {
    let isBroken = false;
    stop = client.subscribe<Record<string, unknown>, Record<string, unknown>>(request, {
      next(item) {
        isBroken = passes(item.errors);
        failures = isBroken ? failures : 0;
        sink.next(item);
      },
      error(reason) {
        if (passes(reason) || (isClose(reason) && !isForbidden(reason))) {
          again();
        } else {
          sink.error(reason);
        }
      },
      complete() {
        if (isBroken) {
          again();
        } else {
          sink.complete();
        }
      },
    });
  }

  function again() {
    timer = setTimeout(begin, pause(failures));
    failures += 1;
  }
}

function isClose(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'code' in reason && 'reason' in reason;
}

/** Whether errors say that the server cannot do it now, and may a little later. */
function passes(errors: unknown): boolean {
  return Array.isArray(errors) && errors.some((error) => PASSING.includes(error?.extensions?.code));
}
