// The messages that are not confirmed. Each is stored before it is sent, under a name of its own:
// two pages of a site never write the same name, so neither can lose what the other has stored.

import { record, text as textOf } from '../availability';
import { outboxName } from '../token';
import { json } from './json';
import { type ChatWorld, parsed } from './world';

export interface Entry {
  /** The client message id: a repeat with it has no further effect. */
  readonly id: string;
  readonly text: string;
  /** Milliseconds since 1970. Entries are sent in this order. */
  readonly at: number;
  /** What the visitor has said with it; null: nothing. */
  readonly name: string | null;
  readonly email: string | null;
}

export interface Outbox {
  /** In order. */
  readonly entries: readonly Entry[];
  /** Whether all entries survive a reload. */
  readonly isStored: boolean;
  add(entry: Entry): void;
  /** The server has it, or the visitor gives it up. */
  drop(id: string): void;
  /** Reads what other pages have changed. */
  refresh(): void;
  /** Forgets what only this page has: another visitor begins. */
  forget(): void;
  /** Whether a stored name belongs to this outbox. */
  owns(name: string): boolean;
}

export function outbox(world: ChatWorld, server: string, key: string): Outbox {
  const mark = outboxName(server, key);
  const prefix = `${mark} `;
  let entries: readonly Entry[] = [];
  /** Those that the storage did not take. */
  let unstored: readonly string[] = [];
  refresh();

  function read(name: string): Entry | null {
    const { id, text, at, name: its, email } = record(parsed(world.stored(name)));
    return typeof id === 'string' &&
      typeof text === 'string' &&
      typeof at === 'number' &&
      isTime(at) &&
      prefix + id === name
      ? { id, text, at, name: textOf(its), email: textOf(email) }
      : null;
  }

  /** For the next page of the site, which loads this file only if it is needed. */
  function setMark(): void {
    let isNeeded = false;
    for (const name of world.names()) {
      isNeeded ||= owns(name);
    }
    if (Boolean(world.stored(mark)) !== isNeeded) {
      world.store(mark, isNeeded ? '1' : null);
    }
  }

  function owns(name: string): boolean {
    return name.slice(0, prefix.length) === prefix;
  }

  function refresh(): void {
    const found: Entry[] = [];
    for (const name of world.names()) {
      const entry = owns(name) ? read(name) : null;
      if (entry) {
        found.push(entry);
      }
    }
    for (const entry of entries) {
      if (has(unstored, entry.id)) {
        found.push(entry);
      }
    }
    entries = inOrder(found);
  }

  return {
    get entries() {
      return entries;
    },
    get isStored() {
      return unstored.length === 0;
    },
    add(entry) {
      const { id, text, at, name, email } = entry;
      if (!world.store(prefix + id, json({ id, text, at, name, email }))) {
        unstored = [...unstored, id];
      }
      entries = inOrder([...entries, entry]);
      setMark();
    },
    drop(id) {
      world.store(prefix + id, null);
      unstored = without(unstored, id);
      const rest: Entry[] = [];
      for (const entry of entries) {
        if (entry.id !== id) {
          rest.push(entry);
        }
      }
      entries = rest;
      setMark();
    },
    refresh,
    forget() {
      unstored = [];
      refresh();
    },
    owns,
  };
}

function inOrder(entries: readonly Entry[]): Entry[] {
  const sorted: Entry[] = [];
  for (const entry of entries) {
    let place = sorted.length;
    while (place > 0 && isAfter(sorted[place - 1] as Entry, entry)) {
      place -= 1;
    }
    sorted.splice(place, 0, entry);
  }
  return sorted;
}

/** By time; within a millisecond all pages agree by the id. */
function isAfter(one: Entry, other: Entry): boolean {
  return one.at > other.at || (one.at === other.at && one.id > other.id);
}

/** Whether it is a time that dates have (ECMAScript, "Time Values and Time Range"). */
function isTime(at: number): boolean {
  return Math.abs(at) <= 8.64e15;
}

function has(list: readonly string[], one: string): boolean {
  for (const each of list) {
    if (each === one) {
      return true;
    }
  }
  return false;
}

function without(list: readonly string[], one: string): string[] {
  const rest: string[] = [];
  for (const each of list) {
    if (each !== one) {
      rest.push(each);
    }
  }
  return rest;
}
