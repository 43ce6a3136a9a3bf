/** A photo, or the first letters of a name in its place. Beside a name it says nothing new, so it is silent. */
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
 * The address of a photo on the server that this page came from. It is written with the server's public address, which need not be
 * how it was reached now, and the page's policy takes images of its own server only.
 */
function ownPath(url: string): string {
  return url.startsWith('blob:') ? url : new URL(url, location.href).pathname;
}

/** Of whole characters as people see them, not of code units. Two pictures beside each other would be wider than the circle. */
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
