// Requests to the server by HTTP POST, with the visitor's token.

import { record, text } from '../availability';
import { type Json, json } from './json';
import { type ChatWorld, parsed } from './world';

/** A request without an answer within this time has failed. */
export const ANSWER_WITHIN_MS = 15_000;

/** The result of a request. */
export type Answer =
  /** `data` of the response. */
  | { is: 'data'; data: Record<string, unknown> }
  /** The server was not reached, or is not able to answer now. */
  | { is: 'failed' }
  /** The server refuses the request, and would again. */
  | { is: 'refused'; code: string };

export type Ask = (document: string, variables: Json) => Promise<Answer>;

export function asking(world: ChatWorld, server: string, token: () => string | null): Ask {
  const url = new URL('graphql', server).href;
  return async (document, variables) => {
    const abort = new AbortController();
    const stop = world.later(ANSWER_WITHIN_MS, () => abort.abort());
    try {
      const its = token();
      const response = await world.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(its ? { authorization: `Bearer ${its}` } : {}) },
        body: json({ query: document, variables }),
        cache: 'no-store',
        credentials: 'omit',
        // What was sent before the visitor left the page arrives.
        keepalive: true,
        signal: abort.signal,
      });
      return read(parsed(await response.text()));
    } catch {
      return { is: 'failed' };
    } finally {
      stop();
    }
  };
}

/** Codes of errors after which a repeat would fail in the same way (docs/api.md). */
const FINAL = /^(UNAUTHENTICATED|FORBIDDEN|NOT_FOUND|BAD_USER_INPUT|GRAPHQL_[A-Z_]+)$/;

function read(response: unknown): Answer {
  const { data, errors } = record(response);
  if (Array.isArray(errors) && errors.length > 0) {
    const code = text(record(record(errors[0]).extensions).code) ?? '';
    return FINAL.test(code) ? { is: 'refused', code } : { is: 'failed' };
  }
  return typeof data === 'object' && data !== null ? { is: 'data', data: record(data) } : { is: 'failed' };
}
