// Answers come by HTTP and changes by WebSocket, so a change may overtake the answer to what was asked before it. The cache lets an answer
// count more than whatever was pushed while it was on its way, and would show an old state until the next change.
import type { Exchange, OperationResult } from 'urql';
import { filter, fromArray, makeSubject, merge, mergeMap, pipe, tap } from 'wonka';

/** A change of one's own comes back within this time; what came before it is no news until then. */
export const ECHO_MS = 1_000;

const AGAIN = 'deskbell.again';

/** What a subscription brought last. */
interface Push {
  serial: number;
  result: OperationResult;
}

/** A cache in which what was pushed after a question counts more than its answer. */
export function inOrder(cache: readonly Exchange[]): Exchange[] {
  return [once, ...cache, ordered];
}

/** What the cache is told again is no news to anybody above it. */
const once: Exchange =
  ({ forward }) =>
  (operations) =>
    pipe(
      forward(operations),
      filter((result) => !result.extensions?.[AGAIN]),
    );

const ordered: Exchange =
  ({ forward }) =>
  (operations) => {
    const pushes = new Map<number, Push>();
    /** What had been pushed when a question was asked that is not answered yet. */
    const asked = new Map<number, number>();
    const echoes = makeSubject<OperationResult>();
    let serial = 0;

    function pushed(result: OperationResult): OperationResult[] {
      const { key } = result.operation;
      serial += 1;
      pushes.delete(key);
      if (result.data) {
        pushes.set(key, { serial, result });
      }
      return [result];
    }

    function answered(result: OperationResult): OperationResult[] {
      const { key, kind } = result.operation;
      const since = asked.get(key) ?? 0;
      asked.delete(key);
      const overtaking = [...pushes.values()].filter((push) => push.serial > since);
      if (kind === 'query') {
        return [result, ...overtaking.map(again)];
      }
      // What was pushed may as well be older than a change of one's own, and is not to show in its place for a moment.
      setTimeout(() => {
        for (const push of overtaking) {
          if (pushes.get(push.result.operation.key) === push) {
            echoes.next(again(push));
          }
        }
      }, ECHO_MS);
      return [result];
    }

    const results = pipe(
      operations,
      tap(({ key, kind }) => {
        if (kind === 'teardown') {
          pushes.delete(key);
          asked.delete(key);
        } else if (kind !== 'subscription' && !asked.has(key)) {
          asked.set(key, serial);
        }
      }),
      forward,
      mergeMap((result) => fromArray(result.operation.kind === 'subscription' ? pushed(result) : answered(result))),
    );
    return merge([results, echoes.source]);
  };

function again({ result }: Push): OperationResult {
  return { ...result, extensions: { ...result.extensions, [AGAIN]: true } };
}
