// Subscriptions that survive errors. graphql-ws reconnects by itself, but ends a subscription
// permanently when the server reports an internal error or too many requests. Both are temporary,
// so they are retried here.
import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';
import { isForbidden, pause } from './socket';

const PASSING: readonly unknown[] = ['INTERNAL_SERVER_ERROR', 'TOO_MANY_REQUESTS'];

export type Item = FormattedExecutionResult<Record<string, unknown>, Record<string, unknown>>;

/** Subscribes, and subscribes again after a temporary error. Returns a function that cancels it. */
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

/** Whether these errors are temporary. */
function passes(errors: unknown): boolean {
  return Array.isArray(errors) && errors.some((error) => PASSING.includes(error?.extensions?.code));
}
