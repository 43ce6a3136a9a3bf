// The visitor token of a server: what opens the visitor's chat, and the only thing that identifies
// the visitor.

/** The name under which the page's storage has the token. */
export function tokenName(server: string): string {
  return `deskbell ${server} token`;
}

/** The stored token. Null: the visitor has not written, or the page has no storage. */
export function storedToken(server: string): string | null {
  try {
    const token = localStorage.getItem(tokenName(server)) ?? '';
    // The server would refuse the connection with a text of another form.
    return /^vt_[\w-]{43}$/.test(token) ? token : null;
  } catch {
    return null;
  }
}
