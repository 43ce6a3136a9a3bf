// The token of a mailed link: `/recover-password#token=dbl_…`. Mail programs and people rewrite
// links and add text. A token has a prefix, a length and an alphabet (src/access/token.rs), so it
// can be found in a damaged link.

/** `#`, encoded once or several times. */
const ENCODED_HASH = /%(?:25)*23/i;

/** The token in a fragment; empty if none is complete. */
export function tokenIn(fragment: string): string {
  // Removes line breaks and invisible characters, which may have been inserted.
  const text = decoded(fragment).replaceAll(/\p{Cf}|\s*[\r\n]\s*/gu, '');
  return /dbl_[A-Za-z0-9_-]{43}/.exec(text)?.[0] ?? '';
}

/** Percent-decodes a text, as far as possible. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** The path and the fragment of a URL whose `#` is encoded as `%23`; null if the path has none. */
export function repaired(pathname: string): { path: string; fragment: string } | null {
  const [path, ...rest] = pathname.split(ENCODED_HASH);
  return path === undefined || rest.length === 0 ? null : { path, fragment: rest.join('%23') };
}

/** Replaces `%23` in the page's URL by `#`, before other code reads the URL. */
export function repairUrl(): void {
  const url = repaired(location.pathname);
  if (url) {
    history.replaceState(history.state, '', `${url.path}${location.search}#${url.fragment}`);
  }
}

/** Removes the token from the URL, so that it is neither visible nor kept in the history. */
export function takeToken(): string {
  const found = tokenIn(location.hash);
  if (location.hash) {
    history.replaceState(history.state, '', location.pathname);
  }
  return found;
}
