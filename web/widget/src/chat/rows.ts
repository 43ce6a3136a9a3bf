// The rows of the log: days, messages, and what happened. Pure: what is shown follows from the log
// and what is pending.

import type { OperatorCard } from '../availability';
import type { Pending, Shown } from './chat';
import type { ClosedBy, Log, Message, Talk } from './log';
import type { TextName } from './texts';

interface Common {
  /** Identifies the row across changes. */
  readonly key: string;
  /** Milliseconds since 1970. Of what a browser has stored, it can be out of the range of dates. */
  readonly at: number;
}

/** `at`: its first moment. */
interface DayRow extends Common {
  readonly is: 'day';
}

export interface MessageRow extends Common {
  readonly is: 'message';
  readonly text: string;
  /** Null: the visitor's own. */
  readonly operator: OperatorCard | null;
  readonly isOwn: boolean;
  /** Whether the message before is of someone else, or much older. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** How far the message came. Null: not shown. */
  readonly mark: TextName | null;
  /** The id of a message that was not sent, and why. */
  readonly unsent: Pending | null;
}

export interface EventRow extends Common {
  readonly is: 'event';
  readonly text: TextName;
  readonly operator: OperatorCard | null;
  /** Whether it shows the operator: photo, name and description. */
  readonly isCard: boolean;
}

export type Row = DayRow | MessageRow | EventRow;

/** The event does not name the operator. */
const ENDED: Readonly<Record<ClosedBy, TextName>> = {
  VISITOR: 'ended-by-you',
  OPERATOR: 'ended-by-us',
  SILENCE: 'silence',
};

/** Messages of one person within this time are one group. */
const GROUP_MS = 300_000;
/** The last date of ECMAScript (section "Time Values and Time Range"). */
const LATEST_MS = 8.64e15;

/** Number of messages, events and pending messages. */
export function countOf({ log, pending }: Shown): number {
  let count = pending.length;
  for (const { messages } of log.talks) {
    count += messages.length;
  }
  return count;
}

/** Whether a date can be made of it. */
export function isTime(at: number): boolean {
  return Math.abs(at) <= LATEST_MS;
}

/** The rows of the newest `most` messages. */
export function rowsOf(shown: Shown, most = Number.POSITIVE_INFINITY): Row[] {
  const { log, pending } = shown;
  const rows: Row[] = [];
  const days: Record<string, true> = Object.create(null);
  let day = { from: Number.NaN, until: Number.NaN };
  const add = (row: Row | null): void => {
    if (!row) {
      return;
    }
    if (isTime(row.at) && !(row.at >= day.from && row.at < day.until)) {
      day = dayOf(row.at);
      const name = `day ${day.from}`;
      // A clock that was set back brings a day twice.
      rows.push({ is: 'day', key: days[name] ? `${name} ${row.key}` : name, at: day.from });
      days[name] = true;
    }
    const before = rows[rows.length - 1];
    if (row.is === 'message' && before?.is === 'message' && continues(before, row)) {
      // The mark of the last one counts for all above it.
      rows[rows.length - 1] = { ...before, isLast: false, mark: before.mark === row.mark ? null : before.mark };
      rows.push({ ...row, isFirst: false });
    } else {
      rows.push(row);
    }
  };
  // One more than is shown, so that the first row does not change when those above it are left out.
  let skipped = Math.max(0, countOf(shown) - most - 1);
  const isCut = countOf(shown) > most;
  let context: string | null = null;
  const note = (row: Row | null): void => {
    context ??= row?.key ?? '';
    add(row);
  };
  for (const talk of log.talks) {
    const { messages } = talk;
    for (let index = skipped; index < messages.length; index += 1) {
      const message = messages[index] as Message;
      note(message.event ? eventRow(talk, message, log) : messageRow(talk, message));
    }
    skipped = Math.max(0, skipped - messages.length);
  }
  for (const one of pending) {
    const { id, text, at, isSent, problem } = one;
    const mark = problem ? null : isSent ? 'sent' : 'sending';
    const unsent = problem ? one : null;
    note({ is: 'message', key: id, at, text, operator: null, isOwn: true, isFirst: true, isLast: true, mark, unsent });
  }
  if (isCut) {
    leaveOut(rows, context ?? '');
  }
  mark(rows, log);
  return rows;
}

/** Removes a row at the beginning, and its day if that has no other rows. */
function leaveOut(rows: Row[], key: string): void {
  const place = rows[0]?.is === 'day' ? 1 : 0;
  if (rows[place]?.key === key) {
    rows.splice(place, 1);
    if (place === 1 && (rows.length === 1 || rows[1]?.is === 'day')) {
      rows.splice(0, 1);
    }
  }
}

/** The day of a time, in the visitor's time zone. */
function dayOf(at: number): { from: number; until: number } {
  const its = new Date(at);
  const [year, month, date] = [its.getFullYear(), its.getMonth(), its.getDate()];
  return { from: new Date(year, month, date).getTime(), until: new Date(year, month, date + 1).getTime() };
}

function continues(before: MessageRow, row: MessageRow): boolean {
  const isSame = before.isOwn === row.isOwn && before.operator?.id === row.operator?.id;
  return isSame && before.unsent === null && row.at - before.at < GROUP_MS;
}

function messageRow(talk: Talk, { sequence, clientMessageId, author, operator, text, sentAt }: Message): MessageRow {
  const isOwn = author === 'VISITOR';
  return {
    is: 'message',
    // The key of a message that is being sent, so that its row stays when it is.
    key: clientMessageId ?? `${talk.id} ${sequence}`,
    at: Date.parse(sentAt),
    text: text ?? '',
    operator,
    isOwn,
    isFirst: true,
    isLast: true,
    mark: null,
    unsent: null,
  };
}

function eventRow(talk: Talk, { sequence, operator, event, sentAt }: Message, log: Log): EventRow | null {
  const last = talk.messages[talk.messages.length - 1];
  const key = `${talk.id} ${sequence}`;
  const at = Date.parse(sentAt);
  switch (event) {
    case 'OPERATOR_JOINED':
      return { is: 'event', key, at, text: 'joined', operator, isCard: true };
    case 'OPERATOR_LEFT':
      return { is: 'event', key, at, text: 'left', operator, isCard: false };
    case 'REOPENED':
      return { is: 'event', key, at, text: 'reopened', operator: null, isCard: false };
    case 'CLOSED': {
      const isEnd = last?.sequence === sequence;
      const by = isEnd ? (talk.id === log.head?.id ? log.head.closedBy : talk.closedBy) : null;
      const text = (by && ENDED[by]) || 'ended';
      return { is: 'event', key, at, text, operator: null, isCard: false };
    }
    default:
      // Of a later version of the server.
      return null;
  }
}

/** Shows on the visitor's newest message how far it came. */
function mark(rows: Row[], { head, talks }: Log): void {
  const newest = talks[talks.length - 1]?.messages ?? [];
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index] as Row;
    if (row.is === 'message' && row.isOwn) {
      if (!row.mark && !row.unsent && head) {
        rows[index] = { ...row, mark: isSeen(newest, row.key, head.readByOperatorUpTo) ? 'seen' : 'sent' };
      }
      return;
    }
    if (row.is === 'message') {
      // Answered.
      return;
    }
  }
}

function isSeen(messages: readonly Message[], clientMessageId: string, readUpTo: number): boolean {
  for (const { clientMessageId: its, sequence } of messages) {
    if (its === clientMessageId) {
      return sequence <= readUpTo;
    }
  }
  return false;
}
