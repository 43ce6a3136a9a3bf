/** A photo, or initials. Hidden from screen readers, because the name is next to it. */
export function Avatar(props: { name: string; url: string | null | undefined; size?: 'small' | 'large' }) {
  const className = `avatar ${props.size ?? 'small'}`;
  if (props.url) {
    return <img className={className} src={ownPath(props.url)} alt="" />;
  }
  return (
    <span className={className} aria-hidden="true">
      {initials(props.name)}
    </span>
  );
}

/**
 * The path of a photo on the server of this page. The URL has the server's public address, which
 * can differ from the address of the page, and the page's policy allows images only from its own
 * server.
 */
function ownPath(url: string): string {
  return url.startsWith('blob:') ? url : new URL(url, location.href).pathname;
}

/**
 * Initials of whole characters (grapheme clusters), not code units. Two emoji would be wider than
 * the circle.
 */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const segmenter = new Intl.Segmenter();
  const [first = '', last = ''] = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    word === undefined ? '' : ([...segmenter.segment(word)][0]?.segment ?? ''),
  );
  return (isPicture(first) || isPicture(last) ? first : first + last).toUpperCase();
}

/** An emoji or a flag. */
function isPicture(character: string): boolean {
  return /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(character);
}
