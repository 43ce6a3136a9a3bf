// What `widget.js` and `chat.js` offer each other. Browsers and copies can bring files of different
// versions together, so names and meanings here are permanent: they are only added to, and what was
// added later is optional.

import type { Known } from './keyState';
import type { Reports, Wire } from './wire';
import type { Cancel } from './world';

/**
 * Where `chat.js` leaves its `ChatScript` in the window. It has no exports: it also runs as a plain
 * script. Not a symbol: pages have variables with that name.
 */
export const CHAT_SCRIPT = 'deskbell.chat';

export interface ChatScript {
  /** Begins the chat of one widget key at one server. */
  begin(desk: ChatDesk): Chat;
}

/** What a page's scripts learn of a chat. Frozen. */
export interface ChatState {
  /** Null before the first message. */
  readonly status: 'PENDING' | 'OPEN' | 'CLOSED' | null;
  /** Messages of operators that the visitor has not read. */
  readonly unreadCount: number;
}

/** What scripts of the page have said about the visitor, such as a signed-in customer. */
export interface VisitorDetails {
  readonly name?: string | null;
  readonly email?: string | null;
}

/**
 * How far a subscriber came with a result. Failed: the connection is of no use. Over: no longer
 * subscribed.
 */
export type Taken = 'current' | 'failed' | 'over';

export type Transport = 'socket' | 'streams';

/** `token`: of the visitor. */
export type Dial = Record<Transport, (token: string | null, reports: Reports) => Wire>;

export interface Subscriber {
  /** The request as JSON. Read whenever a connection begins. */
  request(transport: Transport): string;
  /**
   * A GraphQL result; undefined if the server has completed the subscription. `isFirst`: of this
   * connection.
   */
  take(result: unknown, isFirst: boolean): Taken;
  /** The connection is alive. */
  alive(): void;
}

/** The connection of a page to one server. */
export interface Link {
  /** The token that it uses; null before the visitor has opened the chat. */
  readonly token: string | null;
  /** Whether it has delivered results, and has not ended since. */
  readonly isServing: boolean;
  /** Continues with another token. The old connection ends when the new one has delivered. */
  identify(token: string | null): void;
  subscribe(subscriber: Subscriber): void;
  unsubscribe(subscriber: Subscriber): void;
  /** Connects at once, or checks the connection. Pauses between attempts are short again. */
  wake(): void;
  /** How connections are opened. `chat.js` may replace the streams. */
  readonly dial: Dial;
}

/** One widget key at one server, for `chat.js`. */
export interface ChatDesk {
  readonly key: string;
  /** The folder of the server, with a slash at the end. */
  readonly server: string;
  /** The connection to the server. */
  readonly link: Link;
  /** Calls with each change of a key's availability, and at once if it is known. */
  watch(key: string, listener: (known: Known) => void): Cancel;
  /** What the page has said about the visitor. */
  visitor(): VisitorDetails;
  /** For the page's scripts. */
  tell(state: ChatState): void;
}

export interface Chat {
  /** Shows the chat at an element. */
  show(place: ChatPlace): ChatPanel;
}

/** An element `<deskbell-widget>`, for `chat.js`, which adds its panel to the shadow tree. */
export interface ChatPlace {
  readonly element: HTMLElement;
  readonly shadow: ShadowRoot;
  /** The language of the element, such as `cs-CZ`. */
  language(): string;
  isOpen(): boolean;
  /** Opens or closes the panel. Closed, the focus returns to the pill if it was in the panel. */
  setOpen(isOpen: boolean): void;
  /** The button that opens the panel. The badge goes into it. */
  readonly pill: HTMLElement;
}

export interface ChatPanel {
  /** Follows the place. `isByHand`: the visitor has opened or closed it. */
  opened(isOpen: boolean, isByHand: boolean): void;
  /** The chat was switched off, or the element has left the page. */
  leave(): void;
}
