// The chat of one widget key: its state, what is not sent yet, and what the visitor does.
//
// A message is stored, then sent, and sent again with the same id until the server has answered. So
// the server has it once, whatever happens to the connection or the page.

import { record, text as textOf } from '../availability';
import { pauseAfter } from '../backoff';
import type { ChatDesk, Link, Subscriber } from '../contract';
import { Table } from '../table';
import { tokenName } from '../token';
import { type Cancel, noop } from '../world';
import { catchUp } from './catchUp';
import { CLOSE, FOLLOW, READ, SEND, TYPE } from './documents';
import { json } from './json';
import { EMPTY, type Log, newestSequence, withItem } from './log';
import { type Entry, outbox } from './outbox';
import { readItem } from './read';
import { asking } from './server';
import { shareStreams } from './sharing';
import { newMessageId, newToken, storedToken } from './token';
import type { ChatWorld } from './world';

/** Longest pause between attempts in the first two minutes of a failure, while the chat is open. */
export const SOON_MS = 5_000;
export const HURRY_FOR_MS = 120_000;
/** One report that the visitor types, within this time. */
export const TYPING_EVERY_MS = 3_000;
/** How long a message that another page has sent is shown until it is in the log. */
export const HANDED_OVER_MS = 10_000;
/** Until changes of other pages are read. */
const REFRESH_AFTER_MS = 20;
const LONGEST_URL = 2_000;

/** Why a message was not sent. */
export type Problem = 'unavailable' | 'refused';

/** A message of the visitor that is not in the log yet. */
export interface Pending {
  readonly id: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether the server has it. */
  readonly isSent: boolean;
  /** Null: it is being sent. */
  readonly problem: Problem | null;
}

/** A message on its way from the outbox to the log. */
interface Leaving {
  readonly entry: Entry;
  /** Whether the server has confirmed it to this page. */
  readonly isSent: boolean;
  /** Number of items when it left. */
  readonly items: number;
}

export interface Shown {
  readonly log: Log;
  readonly pending: readonly Pending[];
  /** Not counting what this page has read, and the server does not know yet. */
  readonly unreadCount: number;
  /** An address that the server has refused. The message was sent without it. */
  readonly refusedEmail: string | null;
  /** Whether the connection is there. */
  readonly isConnected: boolean;
  /** Whether the chat survives a reload of the page. */
  readonly isLasting: boolean;
  readonly isLoadingOlder: boolean;
}

/**
 * What the visitor has written, and not sent. A page that replaces its body also replaces the
 * panel.
 */
export interface Draft {
  text: string;
  /** Null: the visitor has not changed it. */
  email: string | null;
}

export interface Talking {
  readonly shown: Shown;
  readonly draft: Draft;
  /** Calls after each change. */
  watch(listener: () => void): Cancel;
  /** The panel is open: from the first time on, the visitor has a token. */
  setOpen(isOpen: boolean, panel: object): void;
  /** `email`: null if the visitor has given none, undefined if not asked. */
  send(text: string, email: string | null | undefined): void;
  retry(id: string): void;
  discard(id: string): void;
  setTyping(isTyping: boolean): void;
  /** The visitor sees the newest messages. */
  read(): void;
  /** Loads older messages. */
  older(): Promise<void>;
  /** Ends the chat. Returns whether the server has. */
  end(): Promise<boolean>;
}

/** The tokens that servers know: all keys of a page share the token of a server. */
const used = new Table<Link, string | null>();

export function talking(world: ChatWorld, desk: ChatDesk): Talking {
  const { key, server, link } = desk;
  const ask = asking(world, server, () => link.token);
  const share = shareStreams(world, link, server);
  const box = outbox(world, server, key);
  const listeners = new Table<() => void, true>();
  /** No longer in the outbox, and not in the log yet. */
  const leaving = new Table<string, Leaving>();
  const draft: Draft = { text: '', email: null };
  const openPanels = new Table<object, true>();
  const problems = new Table<string, Problem>();

  let log: Log = EMPTY;
  let token = link.token;
  let isConnected = true;
  let isLasting = true;
  let wasStored = token !== null && world.stored(tokenName(server)) === token;
  /** Whether the server knows the token, as far as this page is concerned. */
  let wasUsed = wasStored;
  let isFollowing = false;
  let followFailures = 0;
  /** Number of items so far. */
  let items = 0;
  let stopFollowTimer = noop;
  let isFlushing = false;
  let sendFailures = 0;
  let stopSendTimer = noop;
  let failingSince: number | null = null;
  /** The server wants no message before that. */
  let notBefore = 0;
  let lostSince: number | null = null;
  let stopHurrying = noop;
  let typedAt: number | null = null;
  let refusedEmail: string | null = null;
  /** What the visitor has read, and the server may not know yet. */
  let readAsked = { id: '', upTo: 0 };
  let shown: Shown = {
    log,
    pending: [],
    unreadCount: 0,
    refusedEmail: null,
    isConnected,
    isLasting,
    isLoadingOlder: false,
  };

  const reader = catchUp(world, ask, desk, () => log, become);

  // ---- following ----

  const subscriber: Subscriber = {
    request(transport) {
      if (transport === 'streams') {
        share();
      }
      return json({ query: FOLLOW, variables: { key, after: log.cursor } });
    },
    take(result) {
      const item = readItem(result, server);
      if (!item) {
        followFailures += 1;
        become(log);
        isFollowing = false;
        stopFollowTimer();
        stopFollowTimer = world.later(pauseAfter(followFailures, world), follow);
        return 'over';
      }
      followFailures = 0;
      items += 1;
      isConnected = true;
      become(withItem(log, item));
      reader.soon();
      flush();
      return 'current';
    },
    alive: noop,
  };

  function follow(): void {
    stopFollowTimer();
    if (!isFollowing && token) {
      isFollowing = true;
      link.subscribe(subscriber);
    }
  }

  // ---- sending ----

  /** Sends what waits, one after the other, unless the server wants us to wait. */
  function flush(): void {
    if (!isFlushing && firstWaiting() && world.now() >= notBefore) {
      stopSendTimer();
      void flushAll();
    }
  }

  async function flushAll(): Promise<void> {
    let pause = 0;
    isFlushing = true;
    try {
      await world.locked(`deskbell ${server} ${key} send`, async () => {
        refresh();
        for (let entry = firstWaiting(); entry && pause === 0; entry = firstWaiting()) {
          pause = await sendOne(entry);
          refresh();
        }
      });
    } finally {
      isFlushing = false;
    }
    become(log);
    if (firstWaiting()) {
      stopSendTimer = world.later(pause, flush);
    }
  }

  /** Reads what other pages have added, sent and deleted. */
  function refresh(): void {
    const stored = storedToken(world, server);
    // Undefined: the storage cannot be read now.
    if (wasStored && stored !== undefined && stored !== token) {
      adopt(stored);
    }
    const before = box.entries;
    box.refresh();
    for (const entry of before) {
      if (!isEntry(box.entries, entry.id) && !problems.delete(entry.id) && stored) {
        // Another page has sent it, or the visitor has discarded it there.
        leave(entry, false);
      }
    }
  }

  /** Shows a message until the log has it. */
  function leave(entry: Entry, isSent: boolean): void {
    const { id } = entry;
    leaving.set(id, { entry, isSent, items });
    const forget = (): void => {
      const its = leaving.get(id);
      if (its && its.items === items) {
        // Nothing was heard of the log since.
        world.later(HANDED_OVER_MS, forget);
      } else if (leaving.delete(id)) {
        // Of a conversation that is over by now, or discarded.
        become(log);
      }
    };
    world.later(HANDED_OVER_MS, forget);
  }

  function firstWaiting(): Entry | null {
    for (const entry of box.entries) {
      if (!problems.get(entry.id)) {
        return entry;
      }
    }
    return null;
  }

  /** Returns the milliseconds until the next attempt; 0 if there is nothing to repeat. */
  async function sendOne(entry: Entry): Promise<number> {
    await keepToken();
    if (!isEntry(box.entries, entry.id)) {
      // The data of its visitor was deleted.
      return 0;
    }
    const its = token;
    wasUsed = true;
    used.set(link, token);
    const { id, text, name, email } = entry;
    const { url, title, referrer } = world.page();
    const answer = await ask(SEND, {
      input: {
        widgetKey: key,
        clientMessageId: id,
        text,
        page: { url: url.slice(0, LONGEST_URL), title: title.slice(0, 500), referrer: referrer.slice(0, LONGEST_URL) },
        ...(name || email ? { visitor: { name: name ?? undefined, email: email ?? undefined } } : {}),
      },
    });
    if (token !== its) {
      // Not for the visitor who is here now.
      return 0;
    }
    if (answer.is === 'failed') {
      sendFailures += 1;
      failingSince ??= world.now();
      become(log);
      const longest = world.now() - failingSince < HURRY_FOR_MS ? SOON_MS : Number.POSITIVE_INFINITY;
      return Math.min(pauseAfter(sendFailures, world), longest);
    }
    sendFailures = 0;
    failingSince = null;
    const payload = record(answer.is === 'data' && answer.data.sendChatMessage);
    if (payload.message) {
      box.drop(id);
      leave(entry, true);
      follow();
      become(log);
      return 0;
    }
    const error = record(Array.isArray(payload.userErrors) && payload.userErrors[0]);
    const kind = textOf(error.__typename);
    if (kind === 'TooManyAttempts') {
      const wait = Math.max(1, Number(error.retryAfterSeconds) || 1) * 1_000;
      notBefore = world.now() + wait;
      become(log);
      return wait;
    }
    if (Array.isArray(error.path) && error.path[0] === 'visitor' && (name || email)) {
      // The server does not take a name or an address. The message is what counts.
      const [, field] = error.path;
      const isName = field === 'name' && name !== null;
      const isEmail = field === 'email' && email !== null;
      refusedEmail = isEmail ? email : refusedEmail;
      // Of two, the other one may be right.
      return sendOne({ ...entry, name: isEmail ? name : null, email: isName ? email : null });
    }
    problems.set(id, kind === 'ChatUnavailable' ? 'unavailable' : 'refused');
    become(log);
    return 0;
  }

  /** The token is stored with the first message. Another page of the site may have been faster. */
  async function keepToken(): Promise<void> {
    identify();
    if (world.stored(tokenName(server)) === token) {
      return;
    }
    await world.locked(`deskbell ${server} token`, async () => {
      const stored = storedToken(world, server);
      if (stored && !isKept()) {
        adopt(stored);
      } else if (!stored) {
        isLasting = wasStored = world.store(tokenName(server), token);
        become(log);
      }
    });
  }

  /** From the first opening on, the visitor has a token. */
  function identify(): void {
    if (!wasUsed) {
      const stored = storedToken(world, server) ?? null;
      wasStored = wasUsed = stored !== null;
      token = stored ?? link.token ?? token ?? newToken(world);
    }
    link.identify(token);
    follow();
  }

  /**
   * Whether the chat goes on with a token that could not be stored, whatever other pages store: it
   * lasts as long as this page.
   */
  function isKept(): boolean {
    return wasUsed && !wasStored && !isLasting;
  }

  /** Another page of the site has begun the chat, or the site's data was deleted. */
  function adopt(stored: string | null): void {
    const before = wasUsed;
    wasStored = wasUsed = stored !== null;
    if (stored) {
      isLasting = true;
      used.set(link, stored);
    }
    if (stored !== token) {
      if (before) {
        forgetVisitor();
      }
      token = stored;
      if (isFollowing) {
        link.unsubscribe(subscriber);
        isFollowing = false;
      }
      link.identify(token);
      become(EMPTY);
    }
    follow();
  }

  /** Nothing of one visitor is left for the next one. */
  function forgetVisitor(): void {
    reader.forget();
    box.forget();
    for (const [id] of leaving.rows) {
      leaving.delete(id);
    }
    for (const [id] of problems.rows) {
      problems.delete(id);
    }
    readAsked = { id: '', upTo: 0 };
    typedAt = refusedEmail = failingSince = lostSince = null;
    notBefore = sendFailures = followFailures = 0;
    draft.text = '';
    draft.email = null;
  }

  // ---- what is shown ----

  function become(next: Log): void {
    log = next;
    const pending: Pending[] = [];
    for (const [id, { entry, isSent }] of leaving.rows) {
      if (isIn(log, id)) {
        leaving.delete(id);
      } else {
        pending.push({ id, text: entry.text, at: entry.at, isSent, problem: null });
      }
    }
    for (const { id, text, at } of box.entries) {
      if (isIn(log, id)) {
        // Before the answer arrives, or the answer was lost.
        box.drop(id);
        problems.delete(id);
      } else {
        pending.push({ id, text, at, isSent: false, problem: problems.get(id) ?? null });
      }
    }
    // Where the network ends, the connection is the last to notice.
    const isReached = isConnected && followFailures < 2 && (sendFailures < 2 || !firstWaiting());
    shown = {
      log,
      pending,
      unreadCount: unread(),
      refusedEmail,
      isConnected: isReached,
      isLasting: isLasting && box.isStored,
      isLoadingOlder: reader.isLoadingOlder,
    };
    for (const [listener] of listeners.rows) {
      try {
        listener();
      } catch (error) {
        // What is shown wrongly is sent nevertheless.
        world.report(error);
      }
    }
    // Nothing is known before the first item, unless there is no chat.
    if (items > 0 || !token) {
      tell();
    }
  }

  /** After the panels: what the visitor sees is read at once. */
  function tell(): void {
    try {
      desk.tell({ status: log.head?.status ?? null, unreadCount: unread() });
    } catch (error) {
      world.report(error);
    }
  }

  /** Not counting what this page has read, and the server does not know yet. */
  function unread(): number {
    const { head } = log;
    const isRead = head?.id === readAsked.id && readAsked.upTo >= head.lastSequence;
    return !head || isRead ? 0 : head.unreadCount;
  }

  // ---- the rest ----

  let stopRefreshing = noop;
  world.watchStore((name) => {
    if (name === null || name === tokenName(server)) {
      const stored = storedToken(world, server) ?? null;
      wasUsed ||= token !== null && used.get(link) === token;
      if (stored ? !isKept() : wasStored || (wasUsed && !isKept())) {
        adopt(stored);
      } else {
        // Only this page knows it.
        link.identify(token);
      }
    }
    if (name === null || box.owns(name)) {
      // Many messages come as many events.
      stopRefreshing();
      stopRefreshing = world.later(REFRESH_AFTER_MS, () => {
        refresh();
        become(log);
        flush();
      });
    }
  });

  function look(): void {
    stopHurrying();
    if (openPanels.rows.length > 0) {
      const isNow = link.isServing;
      if (isNow !== isConnected) {
        isConnected = isNow;
        become(log);
      }
      lostSince = isNow ? null : (lostSince ?? world.now());
      if (lostSince !== null && world.now() - lostSince < HURRY_FOR_MS) {
        link.wake();
      }
      stopHurrying = world.later(SOON_MS, look);
    }
  }

  async function tellTyping(isTyping: boolean): Promise<void> {
    typedAt = isTyping ? world.now() : null;
    await ask(TYPE, { input: { widgetKey: key, isTyping } });
  }

  follow();
  flush();
  become(log);

  return {
    get shown() {
      return shown;
    },
    draft,
    watch(listener) {
      listeners.set(listener, true);
      return () => listeners.delete(listener);
    },
    setOpen(isOpen, panel) {
      openPanels.delete(panel);
      if (isOpen) {
        openPanels.set(panel, true);
        identify();
      }
      stopHurrying();
      // Not at once: the connection may have just begun.
      stopHurrying = world.later(SOON_MS / 2, look);
    },
    send(text, email) {
      // So that what was deleted is noticed before something new is written.
      refresh();
      const { name, email: known } = record(desk.visitor());
      const isFirst = !log.head && box.entries.length === 0;
      const at = Math.max(world.date(), (box.entries[box.entries.length - 1]?.at ?? 0) + 1);
      typedAt = null;
      box.add({
        id: newMessageId(world),
        text,
        at,
        name: (isFirst && textOf(name)) || null,
        email: email === undefined ? (isFirst && textOf(known)) || null : email,
      });
      become(log);
      flush();
    },
    retry(id) {
      problems.delete(id);
      become(log);
      flush();
    },
    discard(id) {
      box.drop(id);
      problems.delete(id);
      become(log);
    },
    setTyping(isTyping) {
      const isDue = isTyping ? typedAt === null || world.now() - typedAt >= TYPING_EVERY_MS : typedAt !== null;
      if (isDue && log.head && log.head.status !== 'CLOSED') {
        void tellTyping(isTyping);
      }
    },
    read() {
      const { head } = log;
      const upTo = newestSequence(log);
      const asked = head?.id === readAsked.id ? readAsked.upTo : 0;
      if (head && head.unreadCount > 0 && upTo > head.readUpTo && upTo > asked) {
        readAsked = { id: head.id, upTo };
        become(log);
        void markRead(readAsked);
      }
    },
    older: reader.older,
    async end() {
      const answer = await ask(CLOSE, { input: { widgetKey: key } });
      const { userErrors } = record(answer.is === 'data' && answer.data.closeChat);
      // Refused, such as for too many attempts.
      return Array.isArray(userErrors) && userErrors.length === 0;
    },
  };

  async function markRead(asked: typeof readAsked): Promise<void> {
    const answer = await ask(READ, { input: { widgetKey: key, upTo: asked.upTo } });
    if (answer.is === 'failed' && readAsked === asked) {
      // The next look at the newest message tries again.
      world.later(SOON_MS, () => {
        if (readAsked === asked) {
          readAsked = { id: '', upTo: 0 };
          become(log);
        }
      });
    }
  }
}

/** Whether the log has a message of the visitor. */
function isIn({ talks }: Log, clientMessageId: string): boolean {
  for (let back = talks.length - 1; back >= 0; back -= 1) {
    const messages = talks[back]?.messages ?? [];
    for (let index = messages.length - 1; index >= 0; index -= 1) {
      if (messages[index]?.clientMessageId === clientMessageId) {
        return true;
      }
    }
  }
  return false;
}

function isEntry(entries: readonly Entry[], id: string): boolean {
  for (const entry of entries) {
    if (entry.id === id) {
      return true;
    }
  }
  return false;
}
