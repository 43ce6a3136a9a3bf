// What the server says about one widget key: the question, and the answer taken apart. Nothing of an answer is believed
// to have the right shape, and nothing but what is asked for gets through to the page.

/** An operator who is available, as visitors see them. */
export interface OperatorCard {
  /** Names this card from one state to the next; opaque. */
  readonly id: string;
  readonly publicName: string;
  /** Job title or motto. */
  readonly description: string | null;
  /** A square picture, at least 128 pixels a side where the original is that large. */
  readonly photoUrl: string | null;
}

/** Who is available. Frozen, all of it. */
export interface Availability {
  /** Grows with every change. */
  readonly version: number;
  readonly isAvailable: boolean;
  /** At most five, in the order they were added to the account. */
  readonly operators: readonly OperatorCard[];
}

/** What an answer comes to. */
export type Reading = Availability | 'not found' | 'failed';

/** The same text in every widget there is: the server shares its answer among all who ask with the same words. */
const DOCUMENT =
  'subscription Widget($key:String!){availability(widgetKey:$key){version isAvailable ' +
  'operators(first:5){id publicName description photoUrl(size:128)}}}';

/** The request for one key in JSON, as both transports send it. */
export function request(key: string): string {
  return `{"query":${quoted(DOCUMENT)},"variables":{"key":${quoted(key)}}}`;
}

/** A text in JSON. `JSON.stringify` asks strings and arrays for a `toJSON`, which old libraries give them. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\\p{Cc}\p{Cs}]/gu, (one) => `\\u${`000${one.charCodeAt(0).toString(16)}`.slice(-4)}`)}"`;
}

/** Reads a GraphQL result. Photos are asked of `server`, under whatever name it knows itself. */
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
  const { version, isAvailable, operators } = record(record(data).availability);
  if (typeof version !== 'number' || typeof isAvailable !== 'boolean' || !Array.isArray(operators)) {
    return 'failed';
  }
  const cards: OperatorCard[] = [];
  for (const operator of operators) {
    cards.push(card(record(operator), server));
  }
  return Object.freeze({ version, isAvailable, operators: Object.freeze(cards) });
}

/** Whether two states say the same. */
export function isSame(one: Availability, other: Availability): boolean {
  const count = one.operators.length;
  if (one.version !== other.version || one.isAvailable !== other.isAvailable || count !== other.operators.length) {
    return false;
  }
  for (let index = 0; index < count; index += 1) {
    const [a, b] = [one.operators[index], other.operators[index]];
    if (
      a?.id !== b?.id ||
      a?.publicName !== b?.publicName ||
      a?.description !== b?.description ||
      a?.photoUrl !== b?.photoUrl
    ) {
      return false;
    }
  }
  return true;
}

function card({ id, publicName, description, photoUrl }: Record<string, unknown>, server: string): OperatorCard {
  return Object.freeze({
    id: text(id) ?? '',
    publicName: text(publicName) ?? '',
    description: text(description),
    photoUrl: here(text(photoUrl), server),
  });
}

/** The page's policy allows the server that the script came from; the photo's URL may name it in another way. */
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

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The value of a JSON text; undefined when it is none. */
export function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** The value as an object, empty when it is none. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
