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
  /** In order, and without gaps, unless the server has left some out. */
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
    return { ...EMPTY, cursor };
  }
  const before = latest(log);
  const isSame = before?.id === head.id;
  const talks: Talk[] = [];
  for (const talk of log.talks) {
    if (talk.id !== head.id) {
      talks.push(talk === before ? { ...talk, isCut: true } : talk);
    }
  }
  const known = isSame && !isReset ? before.messages : [];
  talks.push({ id: head.id, closedBy: head.closedBy, messages: merged(known, messages), isCut: false });
  return { ...log, head, talks, cursor };
}

/** The log with older messages, or missed ones, of a conversation that it has. */
export function withPage(log: Log, id: string, messages: readonly Message[], closedBy?: ClosedBy | null): Log {
  const talks: Talk[] = [];
  for (const talk of log.talks) {
    if (talk.id !== id) {
      talks.push(talk);
    } else {
      talks.push({
        ...talk,
        closedBy: closedBy === undefined ? talk.closedBy : closedBy,
        messages: merged(talk.messages, messages),
        isCut: closedBy === undefined && talk.isCut,
      });
    }
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
  for (let index = messages.length - 1; index > 0; index -= 1) {
    const { sequence } = messages[index] as Message;
    if ((messages[index - 1] as Message).sequence !== sequence - 1) {
      return sequence;
    }
  }
  const last = messages[messages.length - 1]?.sequence ?? 0;
  return log.head && last < log.head.lastSequence ? log.head.lastSequence + 1 : null;
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
