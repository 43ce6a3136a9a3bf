// A client for browser pages: the session is a cookie, which scripts cannot read. Uses `fetch` for
// all operations, also for subscriptions as event streams.

/** A GraphQL error. Its `code` says what to do. */
export class ApiError extends Error {
  constructor([{ message, extensions }]) {
    super(message);
    Object.assign(this, extensions);
  }
}

export class Deskbell {
  #url;

  constructor(base) {
    this.#url = new URL('/graphql', base).href;
  }

  /** Runs a query or mutation. Throws `ApiError` for GraphQL errors. */
  async ask(query, variables = {}) {
    const response = await this.#send('application/graphql-response+json', { query, variables });
    const { data, errors } = await response.json();
    if (errors) {
      throw new ApiError(errors);
    }
    return data;
  }

  /**
   * Follows a subscription until the signal is aborted, and connects again when the stream breaks.
   * Each item is the complete state, so nothing is missed in between. Throws `ApiError` if the
   * server refuses it or the session has ended.
   */
  async follow(query, onItem, signal) {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const response = await this.#send('text/event-stream', { query }, signal);
        for await (const { event, data } of eventsOf(response)) {
          if (event === 'complete') {
            return;
          }
          const item = JSON.parse(data);
          if (item.errors) {
            throw new ApiError(item.errors);
          }
          failures = 0;
          onItem(item.data);
        }
      } catch (error) {
        const isPassing = !(error instanceof ApiError) || PASSING.includes(error.code);
        if (!isPassing) {
          throw error;
        }
      }
      await pause(failures, signal);
    }
  }

  async #send(accept, body, signal) {
    const response = await fetch(this.#url, {
      method: 'POST',
      // Sends and stores the cookie also from another origin of the same site.
      credentials: 'include',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(body),
      signal,
    });
    const isJson = response.headers.get('content-type')?.includes('json');
    if (!response.ok && isJson) {
      throw new ApiError((await response.json()).errors);
    }
    return response;
  }
}

/** Errors that end a subscription, but not its session. It can begin again later. */
const PASSING = ['INTERNAL_SERVER_ERROR', 'TOO_MANY_REQUESTS'];

/** The events of a stream (HTML Standard, "Server-sent events"), as the server writes them. */
async function* eventsOf({ body }) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const blocks = `${text}${chunk.value}`.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const [, event] = /^event: (.*)$/m.exec(block) ?? [];
      const [, data] = /^data: (.*)$/m.exec(block) ?? [];
      // A block without an event is a comment, which keeps the connection open.
      if (event) {
        yield { event, data };
      }
    }
  }
}

/** Grows up to 15 s, and is random, so that not all pages return to a restarted server at once. */
function pause(failures, signal) {
  const longest = Math.min(15_000, 500 * 2 ** Math.min(failures, 10));
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
