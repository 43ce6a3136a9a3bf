// A client for scripts and back ends: a bearer token, sent over HTTP, a WebSocket or event streams.
import { createClient as createStreams } from 'graphql-sse';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';

/** The session has ended or is not allowed. Sign in again instead of reconnecting. */
const FORBIDDEN = 4403;

/** A GraphQL error. Its `code` says what to do, and the server's log contains its `requestId`. */
export class ApiError extends Error {
  constructor([{ message, extensions }]) {
    super(message);
    this.code = extensions.code;
    this.requestId = extensions.requestId;
  }
}

export class Deskbell {
  #url;
  #token = null;
  #socket;
  #streams;

  constructor(base) {
    this.#url = new URL('/graphql', base).href;
    this.#socket = createSocket({
      url: this.#url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      // A function, so that each new connection sends the current token.
      connectionParams: () => this.#headers(),
      retryAttempts: Number.POSITIVE_INFINITY,
      // graphql-ws reconnects after 4403 unless this refuses.
      shouldRetry: ({ code }) => code !== undefined && code !== FORBIDDEN,
    });
    this.#streams = createStreams({
      url: this.#url,
      headers: () => this.#headers(),
      retryAttempts: Number.POSITIVE_INFINITY,
    });
  }

  /** Runs a query or mutation. Throws `ApiError` for GraphQL errors. */
  async ask(query, variables = {}) {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...this.#headers(),
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) {
      throw new ApiError(errors);
    }
    return data;
  }

  async signIn(email, password) {
    const { signIn } = await this.ask(
      `mutation SignIn($input: SignInInput!) {
        signIn(input: $input) { token viewer { name } userErrors { __typename message } }
      }`,
      { input: { email, password, transport: 'TOKEN' } },
    );
    if (signIn.userErrors.length > 0) {
      throw new Error(signIn.userErrors[0].message);
    }
    this.#token = signIn.token;
    return signIn.viewer;
  }

  async signOut() {
    await this.ask('mutation { signOut { signedOut } }');
  }

  /** Follows a subscription over a WebSocket. Throws the close event when the session has ended. */
  overSocket(query, variables = {}) {
    return this.#socket.iterate({ query, variables });
  }

  /** Follows a subscription over an event stream, for networks that break WebSockets. */
  overStream(query, variables = {}) {
    return this.#streams.iterate({ query, variables });
  }

  /** The same entry is a header of HTTP and an entry of `connection_init`. */
  #headers() {
    return this.#token ? { authorization: `Bearer ${this.#token}` } : {};
  }
}
