// The chat of one widget key, as far as this file goes: it finds out whether an answer waits, and
// loads `chat.js` when the chat is opened, when an answer waits, or when a message is not
// confirmed. From then on, `chat.js` does the rest.

import { asRequest, record } from './availability';
import { pauseAfter } from './backoff';
import type {
  Chat,
  ChatDesk,
  ChatPanel,
  ChatPlace,
  ChatScript,
  ChatState,
  Link,
  Subscriber,
  VisitorDetails,
} from './contract';
import { Table } from './table';
import { outboxName, stored } from './token';
import { type Cancel, noop, type World } from './world';

/** How long to wait before the chat is asked about again. */
const AGAIN_AFTER_MS = 30_000;
/** After so many failures, only the visitor's next opening tries again. */
const MOST_FAILURES = 5;
/** How long an opened widget shows nothing while `chat.js` is on its way. */
const SHOWN_WITHIN_MS = 4_000;

/** The same text in all widgets, like that of the availability. */
const DOCUMENT = 'subscription Chat($key:String!){chat(widgetKey:$key){cursor chat{status unreadCount}}}';

/** The request that tells only that a chat has changed. */
export function glance(key: string): string {
  return asRequest(DOCUMENT, key);
}

/** Loads `chat.js`. Null: the page does not allow it, or the server cannot be reached. */
export type LoadChat = (done: (script: ChatScript | null) => void) => void;

/** An element of the key. */
export interface Guest extends ChatPlace {
  /** Whether the account and the element have the chat switched on. */
  isChatOn(): boolean;
  /** The panel of `chat.js` replaces that of the element. Null: no longer. */
  settle(panel: ChatPanel | null): void;
}

export interface Desk {
  readonly state: ChatState | null;
  /** Calls with each change, and at once if the state is known. */
  watch(listener: (state: ChatState) => void): Cancel;
  /** Adds an element, until it is cancelled. */
  enter(guest: Guest): Cancel;
  /** The chat of an element was switched on or off, the token has changed, or an element opens. */
  look(isOpening?: boolean): void;
  /** Opens or closes all elements. */
  setOpen(isOpen: boolean): void;
  setVisitor(details: VisitorDetails): void;
}

export function chatDesk(
  world: World,
  link: Link,
  load: LoadChat,
  key: string,
  server: string,
  watch: ChatDesk['watch'],
): Desk {
  const guests = new Table<Guest, ChatPanel | null>();
  const listeners = new Table<(state: ChatState) => void, true>();
  let state: ChatState | null = null;
  let visitor: VisitorDetails = {};
  let chat: Chat | null = null;
  let isLoading = false;
  let isLooking = false;
  let isGlancing = false;
  let isStreaming = false;
  let isWanted = false;
  let failures = 0;
  let notBefore = 0;
  let stopTimer = noop;

  const subscriber: Subscriber = {
    request(transport) {
      isStreaming = transport === 'streams';
      return glance(key);
    },
    take(result) {
      const update = record(record(record(result).data).chat);
      if (update.cursor) {
        const { status, unreadCount } = record(update.chat);
        tell({ status: (status as ChatState['status']) ?? null, unreadCount: Math.floor(unreadCount as number) || 0 });
        if (!isStreaming) {
          return 'current';
        }
      }
      // Refused, such as for too many at once. Or over event streams, of which a browser opens only
      // few: they are not kept open.
      isGlancing = false;
      stopTimer();
      stopTimer = world.later(AGAIN_AFTER_MS, look);
      return 'over';
    },
    alive: noop,
  };

  function tell(next: ChatState): void {
    if (state?.status !== next.status || state.unreadCount !== next.unreadCount) {
      state = Object.freeze(next);
      for (const [listener] of listeners.rows) {
        listener(state);
      }
      look();
    }
  }

  /**
   * Does what is needed now: follows the chat, loads `chat.js`, shows and removes its panels, which
   * may lead here again.
   */
  function look(isOpening = false): void {
    if (isLooking) {
      return;
    }
    isLooking = true;
    stopTimer();
    if (isOpening) {
      notBefore = 0;
    }
    if (state && !link.token) {
      // The visitor's data was deleted.
      tell({ status: null, unreadCount: 0 });
    }
    let isFollowed = listeners.rows.length > 0;
    for (const [guest] of guests.rows) {
      if (guest.isChatOn()) {
        isFollowed = true;
        const isAnswered = state?.unreadCount && !guest.element.hasAttribute('data-hidden');
        if (isAnswered || guest.isOpen() || stored(outboxName(server, key))) {
          begin();
        }
      }
    }
    for (const [guest, panel] of guests.rows) {
      const isOn = guest.isChatOn();
      if (!isOn && panel) {
        panel.leave();
        settle(guest, null);
      } else if (isOn && chat && !panel) {
        settle(guest, show(guest));
      }
    }
    const isNeeded = isFollowed && !chat && link.token !== null;
    if (isNeeded !== isGlancing) {
      isGlancing = isNeeded;
      if (isNeeded) {
        link.subscribe(subscriber);
      } else {
        link.unsubscribe(subscriber);
      }
    }
    isLooking = false;
  }

  function show(guest: Guest): ChatPanel | null {
    try {
      return (chat as Chat).show(guest);
    } catch (error) {
      world.report(error);
      return null;
    }
  }

  function settle(guest: Guest, panel: ChatPanel | null): void {
    guests.set(guest, panel);
    guest.settle(panel);
  }

  function begin(): void {
    if (isLoading || chat || world.now() < notBefore) {
      return;
    }
    isLoading = true;
    const stopWaiting = world.later(SHOWN_WITHIN_MS, forgo);
    load((script) => {
      stopWaiting();
      try {
        chat = script?.begin({ key, server, link, watch, visitor: () => visitor, tell }) ?? null;
      } catch (error) {
        world.report(error);
      }
      isLoading = false;
      if (!chat) {
        const pause = pauseAfter(++failures, world);
        notBefore = failures < MOST_FAILURES ? world.now() + pause : Number.POSITIVE_INFINITY;
        forgo();
        world.later(pause, look);
      }
      look();
    });
  }

  /** Without the chat, the widget shows the availability. */
  function forgo(): void {
    for (const [guest] of guests.rows) {
      guest.settle(null);
    }
  }

  return {
    get state() {
      return state;
    },
    watch(listener) {
      listeners.set(listener, true);
      if (state) {
        listener(state);
      }
      look();
      return () => {
        listeners.delete(listener);
        look();
      };
    },
    enter(guest) {
      guests.set(guest, null);
      if (isWanted) {
        isWanted = false;
        guest.setOpen(true);
      }
      look();
      return () => {
        guests.get(guest)?.leave();
        guests.delete(guest);
        guest.settle(null);
        look();
      };
    },
    look,
    setOpen(isOpen) {
      // A page can ask before it has an element.
      isWanted = isOpen && guests.rows.length === 0;
      for (const [guest] of guests.rows) {
        guest.setOpen(isOpen);
      }
    },
    setVisitor(details) {
      visitor = details;
    },
  };
}
