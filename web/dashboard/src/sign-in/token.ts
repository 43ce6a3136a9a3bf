// The token of a link in a mail: `/recover-password#token=dbl_…`. Mail programs and people add to links and rewrite them; a token has a
// prefix, a length and an alphabet (src/token.rs), so it is found in what is left of the link.

/** What `#` became, once or several times over. */
const ENCODED_HASH = /%(?:25)*23/i;

/** The token in a fragment; empty where none is complete. */
export function tokenIn(fragment: string): string {
  // A line break, or what cannot be seen, may have come into the middle.
  const text = decoded(fragment).replaceAll(/\p{Cf}|\s*[\r\n]\s*/gu, '');
  return /dbl_[A-Za-z0-9_-]{43}/.exec(text)?.[0] ?? '';
}

/** Everything that is percent-encoded, as far as it can be decoded. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** The path and the fragment of an address whose `#` came as `%23`; null where there is no such thing in its path. */
export function mended(pathname: string): { path: string; fragment: string } | null {
  const [path, ...rest] = pathname.split(ENCODED_HASH);
  return path === undefined || rest.length === 0 ? null : { path, fragment: rest.join('%23') };
}

/** Writes `%23` in the address of the page as what it was, before anything looks at the address. */
export function mendAddress(): void {
  const address = mended(location.pathname);
  if (address) {
    history.replaceState(history.state, '', `${address.path}${location.search}#${address.fragment}`);
  }
}

/** Takes the token out of the address, so that it is neither seen over a shoulder nor kept in the history. */
export function takeToken(): string {
  const found = tokenIn(location.hash);
  if (location.hash) {
    history.replaceState(history.state, '', location.pathname);
  }
  return found;
}
