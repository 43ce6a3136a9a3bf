// Responses come over HTTP and updates over WebSocket, so an update can arrive before the response
// to an older query. The cache prefers a response to any update that arrived while the query was in
// flight, and would show an old state until the next update.
import type { Exchange, OperationResult } from 'urql';
import { filter, fromArray, makeSubject, merge, mergeMap, pipe, tap } from 'wonka';

/**
 * An operator's own change comes back as an update within this time. Until then, updates that
 * arrived before the response are held back.
 */
export const ECHO_MS = 1_000;

const REPLAYED = 'deskbell.replayed';

/** The latest result of a subscription. */
interface Push {
  serial: number;
  result: OperationResult;
}

/** Wraps a cache so that an update counts more than the response to an older query. */
export function inOrder(cache: readonly Exchange[]): Exchange[] {
  return [hideReplays, ...cache, ordered];
}

/** Hides an update that is written to the cache a second time: subscribers have received it. */
const hideReplays: Exchange =
  ({ forward }) =>
  (operations) =>
    pipe(
      forward(operations),
      filter((result) => !result.extensions?.[REPLAYED]),
    );

const ordered: Exchange =
  ({ forward }) =>
  (operations) => {
    const pushes = new Map<number, Push>();
    /** For each operation in flight: the serial of the latest update when it was sent. */
    const sentAt = new Map<number, number>();
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
      const since = sentAt.get(key) ?? 0;
      sentAt.delete(key);
      const overtaking = [...pushes.values()].filter((push) => push.serial > since);
      if (kind === 'query') {
        return [result, ...overtaking.map(replay)];
      }
      // The update may be older than the operator's own change, and must not replace it, even
      // briefly.
      setTimeout(() => {
        for (const push of overtaking) {
          if (pushes.get(push.result.operation.key) === push) {
            echoes.next(replay(push));
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
          sentAt.delete(key);
        } else if (kind !== 'subscription' && !sentAt.has(key)) {
          sentAt.set(key, serial);
        }
      }),
      forward,
      mergeMap((result) => fromArray(result.operation.kind === 'subscription' ? pushed(result) : answered(result))),
    );
    return merge([results, echoes.source]);
  };

function replay({ result }: Push): OperationResult {
  return { ...result, extensions: { ...result.extensions, [REPLAYED]: true } };
}
