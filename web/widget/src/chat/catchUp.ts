// Reads what the log lacks, by queries: messages that were missed, the end of a former
// conversation, and older messages.

import { record } from '../availability';
import { pauseAfter } from '../backoff';
import { noop } from '../world';
import { EARLIER, PAGE } from './documents';
import { cutTalk, gapIn, type Log, latest, olderThan, withEarlier, withEnd, withPage } from './log';
import { readMessages, readTalk } from './read';
import type { Ask } from './server';
import type { ChatWorld } from './world';

/** After this time without an item, what the log lacks does not come by itself. */
export const CAUGHT_UP_MS = 3_000;
/** After so many failures, what the log lacks is read when the next item comes. */
const MOST_FAILURES = 10;
/** The server does not list more earlier conversations. */
const MOST_EARLIER = 20;

export interface CatchUp {
  readonly isLoadingOlder: boolean;
  /** Reads what the log lacks, unless it is about to come by itself. */
  soon(): void;
  /** Reads older messages. After a failure, only after a pause. */
  older(): Promise<void>;
  /** Another visitor begins. */
  forget(): void;
}

/** `become` replaces the log. */
export function catchUp(
  world: ChatWorld,
  ask: Ask,
  { key, server }: { key: string; server: string },
  log: () => Log,
  become: (next: Log) => void,
): CatchUp {
  let isLoadingOlder = false;
  let olderFailures = 0;
  let noOlderBefore = 0;
  let isFilling = false;
  let fillFailures = 0;
  let stopFillTimer = noop;
  /** Number of visitors before. What was asked for one of them does not count. */
  let visitors = 0;

  function soon(): void {
    stopFillTimer();
    fillFailures = 0;
    const gap = gapIn(log());
    if (gap !== null || cutTalk(log())) {
      const mayCome = gap === (log().head?.lastSequence ?? 0) + 1;
      stopFillTimer = world.later(mayCome ? CAUGHT_UP_MS : 0, () => void fill());
    }
  }

  /** Reads what the log lacks: messages that were missed, and the end of a former conversation. */
  async function fill(): Promise<void> {
    if (isFilling) {
      return;
    }
    isFilling = true;
    const its = visitors;
    const first = log();
    for (let gap = gapIn(log()), pages = 0; gap !== null && pages < 20; gap = gapIn(log()), pages += 1) {
      const answer = await ask(PAGE, { key, before: gap });
      const chat = answer.is === 'data' ? record(answer.data.chat) : {};
      const messages = readMessages(chat.messages, server);
      if (messages.length === 0 || chat.id !== latest(log())?.id) {
        break;
      }
      become(withPage(log(), String(chat.id), messages));
    }
    if (cutTalk(log())) {
      const before = await readEarlier(1, null);
      if (before !== undefined) {
        become(withEnd(log(), before));
      }
    }
    if (its !== visitors) {
      return;
    }
    isFilling = false;
    fillFailures = log() === first ? fillFailures + 1 : 0;
    if (fillFailures < MOST_FAILURES && (gapIn(log()) !== null || cutTalk(log()))) {
      stopFillTimer();
      stopFillTimer = world.later(pauseAfter(fillFailures, world), () => void fill());
    }
  }

  /**
   * The conversation so many before the latest one. Null: there is none. Undefined: not reached.
   */
  async function readEarlier(
    back: number,
    before: number | null,
  ): Promise<ReturnType<typeof readTalk> | null | undefined> {
    // All of them come with a page each: the more there are, the smaller it is.
    const last = Math.max(5, Math.min(50, Math.floor(150 / back)));
    const answer = await ask(EARLIER, { key, count: back, last, before });
    const { id, earlier } = record(answer.is === 'data' && answer.data.chat);
    if (id !== log().head?.id || !Array.isArray(earlier)) {
      return undefined;
    }
    return earlier.length < back ? null : readTalk(earlier[0], server);
  }

  async function older(): Promise<void> {
    if (!olderThan(log()) || isLoadingOlder || world.now() < noOlderBefore) {
      return;
    }
    isLoadingOlder = true;
    const its = visitors;
    become(log());
    await fill();
    const more = cutTalk(log()) ? null : await withOlder();
    if (its !== visitors) {
      return;
    }
    const before = log();
    const next = more ? more(log()) : before;
    isLoadingOlder = false;
    olderFailures = next === before && olderThan(log()) ? olderFailures + 1 : 0;
    if (olderFailures > 0) {
      const pause = pauseAfter(olderFailures, world);
      noOlderBefore = world.now() + pause;
      // Those who still need more ask again.
      world.later(pause, () => become(log()));
    }
    become(next === before ? log() : next);
  }

  /** Adds the next older page to a log. Null: there is none, or it was not reached. */
  async function withOlder(): Promise<((its: Log) => Log) | null> {
    const before = log();
    const next = olderThan(before);
    const back = before.talks.length - 1;
    if (next === 'earlier') {
      const talk = back + 1 > MOST_EARLIER ? null : await readEarlier(back + 1, null);
      return talk === undefined ? null : (its) => (its.head?.id === before.head?.id ? withEarlier(its, talk) : its);
    }
    if (!next) {
      return null;
    }
    const { talk, before: upTo } = next;
    if (back > 0) {
      const found = await readEarlier(back, upTo);
      return found?.id === talk.id && found.messages.length > 0
        ? (its) => withPage(its, talk.id, found.messages)
        : null;
    }
    const answer = await ask(PAGE, { key, before: upTo });
    const chat = record(answer.is === 'data' && answer.data.chat);
    const messages = readMessages(chat.messages, server);
    return chat.id === talk.id && messages.length > 0 ? (its) => withPage(its, talk.id, messages) : null;
  }

  return {
    get isLoadingOlder() {
      return isLoadingOlder;
    },
    soon,
    older,
    forget() {
      visitors += 1;
      stopFillTimer();
      isFilling = isLoadingOlder = false;
      fillFailures = olderFailures = noOlderBefore = 0;
    },
  };
}
