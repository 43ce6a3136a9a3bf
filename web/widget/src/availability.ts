// The availability of one widget key: the request, and the parsing of the response. The shape of a
// response is not trusted, and the page receives only the fields that were queried.

/** An available operator, as visitors see them. */
export interface OperatorCard {
  /** Identifies this card across states; opaque. */
  readonly id: string;
  readonly publicName: string;
  /** A job title or a motto. */
  readonly description: string | null;
  /** URL of a square photo, at least 128 pixels per side if the original is that large. */
  readonly photoUrl: string | null;
}

/** Who is available. Deeply frozen. */
export interface Availability {
  /** Grows with each change. */
  readonly version: number;
  readonly isAvailable: boolean;
  /** Whether visitors may write. False: the widget shows the availability only. */
  readonly isChatEnabled: boolean;
  /** At most five, in the order in which they were added to the account. */
  readonly operators: readonly OperatorCard[];
}

/** The result of parsing a response. */
export type Reading = Availability | 'not found' | 'failed';

/**
 * The same text in all widgets: the server shares one execution among all subscribers with the same
 * document.
 */
const DOCUMENT =
  'subscription Widget($key:String!){availability(widgetKey:$key){version isAvailable isChatEnabled ' +
  'operators(first:5){id publicName description photoUrl(size:128)}}}';

/** The request for one key as JSON, for both transports. */
export function request(key: string): string {
  return asRequest(DOCUMENT, key);
}

/** The request of a document with the variable `$key`. */
export function asRequest(document: string, key: string): string {
  return `{"query":${quoted(document)},"variables":{"key":${quoted(key)}}}`;
}

/**
 * A string as JSON. `JSON.stringify` would call the `toJSON` that old libraries add to strings and
 * arrays.
 */
export function quoted(text: string): string {
  return `"${text.replace(/["\\\p{Cc}\p{Cs}]/gu, (one) => `\\u${`000${one.charCodeAt(0).toString(16)}`.slice(-4)}`)}"`;
}

/** Parses a GraphQL result. Photos are fetched from `server`, whatever host their URL has. */
export function read(result: unknown, server: string): Reading {
  const { data, errors } = record(result);
  if (Array.isArray(errors)) {
    for (const error of errors) {
      if (record(record(error).extensions).code === 'NOT_FOUND') {
        return 'not found';
      }
    }
    return 'failed';
  }
  const { version, isAvailable, isChatEnabled, operators } = record(record(data).availability);
  if (typeof version !== 'number' || typeof isAvailable !== 'boolean' || !Array.isArray(operators)) {
    return 'failed';
  }
  const cards: OperatorCard[] = [];
  for (const operator of operators) {
    cards.push(readCard(operator, server));
  }
  return Object.freeze({
    version,
    isAvailable,
    isChatEnabled: isChatEnabled === true,
    operators: Object.freeze(cards),
  });
}

/** Whether two states are equal. */
export function isSame(one: Availability, other: Availability): boolean {
  return print(one) === print(other);
}

/** Everything in a state, as text. */
function print({ version, isAvailable, isChatEnabled, operators }: Availability): string {
  let all = `${version} ${isAvailable} ${isChatEnabled}`;
  for (const { id, publicName, description, photoUrl } of operators) {
    all += `\n${id}\n${publicName}\n${description}\n${photoUrl}`;
  }
  return all;
}

/** An operator as visitors see them. */
export function readCard(card: unknown, server: string): OperatorCard {
  const { id, publicName, description, photoUrl } = record(card);
  return Object.freeze({
    id: text(id) ?? '',
    publicName: text(publicName) ?? '',
    description: text(description),
    photoUrl: here(text(photoUrl), server),
  });
}

/**
 * The URL of a photo on the server of the script, which the page's policy allows. The given URL can
 * have another host.
 */
function here(url: string | null, server: string): string | null {
  if (url === null) {
    return null;
  }
  try {
    const { protocol, pathname, search } = new URL(url, server);
    return /^https?:$/.test(protocol) ? new URL(server).origin + pathname + search : null;
  } catch {
    return null;
  }
}

export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Parses JSON; undefined if the text is not JSON. */
export function parse(text: unknown): unknown {
  try {
    return JSON.parse(text as string);
  } catch {
    return undefined;
  }
}

/** The value if it is an object, else an empty object. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
