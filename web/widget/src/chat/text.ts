// What a visitor may write (docs/chat.md, "Values"), and the parts of a text that are links.

/** The longest text, in Unicode code points. */
export const LONGEST_TEXT = 4_000;

/**
 * A text as the server takes it: line ends become LF, and what the server would refuse is left out:
 * control characters, characters that change the direction of text, and halves of characters.
 */
export function clean(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u206f]|\p{Cs}/gu, '')
    .normalize('NFC');
}

/** The length in Unicode code points. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}

/** Whether there is more than white space. */
export function isWritten(text: string): boolean {
  return /[^\s\p{White_Space}]/u.test(text);
}

/** A piece of a text; `href` if it is a link. */
export interface Piece {
  readonly text: string;
  readonly href: string | null;
}

/** Splits a text into links and the rest. Only `https:`, `http:` and `mailto:` become links. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  const pattern = /\b(?:https?:\/\/|mailto:)[^\s<>"'`\u3000-\u303f]+/gi;
  let from = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const named = withoutEnd(match[0]);
    const href = address(named);
    pattern.lastIndex = match.index + named.length;
    if (href) {
      found.push({ text: text.slice(from, match.index), href: null }, { text: named, href });
      from = match.index + named.length;
    }
  }
  found.push({ text: text.slice(from), href: null });
  const filled: Piece[] = [];
  for (const piece of found) {
    if (piece.text !== '') {
      filled.push(piece);
    }
  }
  return filled;
}

/**
 * Without the punctuation of the sentence around a link, and a bracket that was opened before it.
 */
function withoutEnd(url: string): string {
  let end = url.length;
  for (;;) {
    const last = url.charAt(end - 1);
    const isBracket = last === ')' && count(url.slice(0, end), ')') > count(url.slice(0, end), '(');
    if (!isBracket && !/[.,;:!?*_~\]}…]/.test(last)) {
      return url.slice(0, end);
    }
    end -= 1;
  }
}

function count(text: string, of: string): number {
  return text.split(of).length - 1;
}

function address(url: string): string | null {
  try {
    const { protocol, href, hostname } = new URL(url);
    const isWeb = /^https?:$/.test(protocol) && hostname !== '';
    return isWeb || (protocol === 'mailto:' && href.length > 7) ? href : null;
  } catch {
    return null;
  }
}
