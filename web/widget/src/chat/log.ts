// The log of a chat, as the server delivers it: conversations, each with its messages in order, the
// last one with all of its newest messages. Everything here is pure: a state and an item in, a
// state out. An item that arrives twice, or late, changes nothing.

import type { OperatorCard } from '../availability';

export type Status = 'PENDING' | 'OPEN' | 'CLOSED';
export type ClosedBy = 'VISITOR' | 'OPERATOR' | 'SILENCE';
export type ChatEvent = 'OPERATOR_JOINED' | 'OPERATOR_LEFT' | 'CLOSED' | 'REOPENED';

/** A message, or an event. */
export interface Message {
  readonly sequence: number;
  /** Of the visitor's own messages. */
  readonly clientMessageId: string | null;
  readonly author: 'VISITOR' | 'OPERATOR' | 'SYSTEM';
  readonly operator: OperatorCard | null;
  /** Null for events. */
  readonly text: string | null;
  readonly event: ChatEvent | null;
  /** RFC 3339. */
  readonly sentAt: string;
}

/** The state of the latest conversation, without its messages. */
export interface Head {
  readonly id: string;
  readonly status: Status;
  readonly closedBy: ClosedBy | null;
  /** Those who take part. */
  readonly operators: readonly OperatorCard[];
  readonly name: string | null;
  readonly email: string | null;
  readonly isOperatorTyping: boolean;
  readonly lastSequence: number;
  readonly readUpTo: number;
  readonly readByOperatorUpTo: number;
  readonly unreadCount: number;
}

/** One conversation. */
export interface Talk {
  readonly id: string;
  readonly closedBy: ClosedBy | null;
  /** In order, and without gaps once what was missed is read. */
  readonly messages: readonly Message[];
  /** Whether a later conversation began before the end of this one was delivered. */
  readonly isCut: boolean;
}

export interface Log {
  /** Null before the first message. */
  readonly head: Head | null;
  /** Oldest first. The last one belongs to `head`. */
  readonly talks: readonly Talk[];
  /** Goes into `after` of the next subscription. */
  readonly cursor: string | null;
  /** Whether there is no conversation before the first one here. */
  readonly hasAll: boolean;
}

export const EMPTY: Log = { head: null, talks: [], cursor: null, hasAll: false };

/** An item of the subscription. */
export interface Item {
  readonly head: Head | null;
  readonly messages: readonly Message[];
  readonly cursor: string;
  readonly isReset: boolean;
}

export function latest({ talks }: Log): Talk | null {
  return talks[talks.length - 1] ?? null;
}

/** The greatest sequence of the latest conversation here; 0 without one. */
export function newestSequence(log: Log): number {
  const messages = latest(log)?.messages ?? [];
  return messages[messages.length - 1]?.sequence ?? 0;
}

/** The log after an item. */
export function withItem(log: Log, { head, messages, cursor, isReset }: Item): Log {
  if (!head) {
    // Nothing was written yet, or everything was deleted.
    return { ...EMPTY, cursor, hasAll: true };
  }
  const before = latest(log);
  if (before?.id === head.id) {
    const known = isReset ? [] : before.messages;
    const next = { id: head.id, closedBy: head.closedBy, messages: merged(known, messages), isCut: false };
    return { ...log, head, talks: [...log.talks.slice(0, -1), next], cursor };
  }
  // The end of the conversation before may be missing. What is before another such place is read
  // again as older messages.
  const former = cutTalk(log) ? log.talks.slice(-1) : log.talks.slice();
  if (before) {
    former[former.length - 1] = { ...before, isCut: true };
  }
  const next = { id: head.id, closedBy: head.closedBy, messages: merged([], messages), isCut: false };
  const hasAll = log.hasAll && former.length === log.talks.length && (before !== null || !isReset);
  return { head, talks: [...former, next], cursor, hasAll };
}

/** The log with older messages, or missed ones, of a conversation that it has. */
export function withPage(log: Log, id: string, messages: readonly Message[]): Log {
  const talks: Talk[] = [];
  for (const talk of log.talks) {
    talks.push(talk.id === id ? { ...talk, messages: merged(talk.messages, messages) } : talk);
  }
  return { ...log, talks };
}

/** The conversation before the latest one, if the log may lack its end. */
export function cutTalk({ talks }: Log): Talk | null {
  const talk = talks[talks.length - 2];
  return talk?.isCut ? talk : null;
}

/**
 * The log after the end of that conversation was read: `before` is the one before the latest. If
 * something is missing in between, everything before the latest one is dropped, and is read again
 * as older messages.
 */
export function withEnd(log: Log, before: Talk | null): Log {
  const cut = cutTalk(log);
  const last = latest(log);
  if (!cut || !last) {
    return log;
  }
  const messages = merged(cut.messages, before?.id === cut.id ? before.messages : []);
  if (before?.id !== cut.id || gapAfter(messages) !== null) {
    return { ...log, talks: [last], hasAll: false };
  }
  const talks: Talk[] = [];
  for (const talk of log.talks) {
    talks.push(talk === cut ? { ...talk, closedBy: before.closedBy, messages, isCut: false } : talk);
  }
  return { ...log, talks };
}

/** The log with an earlier conversation in front. Null: there is none. */
export function withEarlier(log: Log, talk: Talk | null): Log {
  return talk ? { ...log, talks: [talk, ...log.talks] } : { ...log, hasAll: true };
}

/** Messages of both lists, each once, in order. Those of `more` win, because they are newer. */
export function merged(known: readonly Message[], more: readonly Message[]): Message[] {
  const all: Message[] = [];
  let left = 0;
  const sorted = inOrder(more);
  for (const message of sorted) {
    for (; left < known.length && (known[left] as Message).sequence <= message.sequence; left += 1) {
      if ((known[left] as Message).sequence < message.sequence) {
        all.push(known[left] as Message);
      }
    }
    all.push(message);
  }
  for (; left < known.length; left += 1) {
    all.push(known[left] as Message);
  }
  return all;
}

/** In order, each sequence once. Lists are in order already, or nearly. */
function inOrder(messages: readonly Message[]): Message[] {
  const sorted: Message[] = [];
  for (const message of messages) {
    let place = sorted.length;
    while (place > 0 && (sorted[place - 1] as Message).sequence > message.sequence) {
      place -= 1;
    }
    if (sorted[place - 1]?.sequence !== message.sequence) {
      sorted.splice(place, 0, message);
    }
  }
  return sorted;
}

/** A sequence of the latest conversation before which messages are missing; null if none are. */
export function gapIn(log: Log): number | null {
  const messages = latest(log)?.messages ?? [];
  const last = messages[messages.length - 1]?.sequence ?? 0;
  return gapAfter(messages) ?? (log.head && last < log.head.lastSequence ? log.head.lastSequence + 1 : null);
}

/** The newest sequence whose predecessor is missing. */
function gapAfter(messages: readonly Message[]): number | null {
  for (let index = messages.length - 1; index > 0; index -= 1) {
    const { sequence } = messages[index] as Message;
    if ((messages[index - 1] as Message).sequence !== sequence - 1) {
      return sequence;
    }
  }
  return null;
}

/** Where the next older page is. Null: everything is here. */
export function olderThan(log: Log): { talk: Talk; before: number } | 'earlier' | null {
  const first = log.talks[0];
  const sequence = first?.messages[0]?.sequence ?? 1;
  if (first && sequence > 1) {
    return { talk: first, before: sequence };
  }
  return log.head && !log.hasAll ? 'earlier' : null;
}
