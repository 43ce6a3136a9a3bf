// What the widget keeps in the storage of a page's site.

/**
 * The name of the visitor token of a server: what opens the visitor's chat, and the only thing that
 * identifies the visitor.
 */
export function tokenName(server: string): string {
  return `deskbell ${server} token`;
}

/** The name of a mark that messages of a key are not confirmed. Theirs begin with it. */
export function outboxName(server: string, key: string): string {
  return `deskbell ${server} ${key} outbox`;
}

/** A stored value. Null: there is none, or the page has no storage. */
export function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** The stored token. Null: the visitor has not written, or the page has no storage. */
export function storedToken(server: string): string | null {
  return asToken(stored(tokenName(server)));
}

/** Null if it has another form. The server would refuse the connection with it. */
export function asToken(text: string | null): string | null {
  return /^vt_[\w-]{43}$/.test(text ?? '') ? text : null;
}
