import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/chat/rows';
import { type Fate, pass, ToyPage, ToyServer, ToyStorage } from './world';

/** A small generator of random numbers, so that a run can be repeated (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FATES: readonly Fate[] = ['request lost', 'answer lost', 'refused by a proxy', 'arrives'];

/** The texts and events that a page shows, with all marks left out. */
const texts = ({ chat }: ToyPage): string[] =>
  rowsOf(chat.shown).flatMap((row) => (row.is === 'day' ? [] : [row.is === 'event' ? '(ended)' : row.text]));

async function walk(seed: number): Promise<void> {
  const random = dice(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const server = new ToyServer();
  const storage = new ToyStorage();
  const pages: ToyPage[] = [];
  const written: string[] = [];
  const open = (): void => {
    const page = new ToyPage(server, storage);
    page.chat.setOpen(true, {});
    pages.push(page);
  };
  open();

  for (let step = 0; step < 120; step += 1) {
    const page = pages[below(pages.length)] as ToyPage;
    const token = page.token as string;
    const act = below(12);
    if (act < 4) {
      const text = `visitor ${written.length}`;
      written.push(text);
      page.chat.send(text, null);
    } else if (act < 5) {
      const text = `operator ${written.length}`;
      const chat = server.latest(token);
      if (chat && chat.status !== 'CLOSED') {
        written.push(text);
        server.says(token, text);
      }
    } else if (act < 6) {
      page.online(false);
    } else if (act < 7) {
      page.online(true);
    } else if (act < 8) {
      page.fates.push(FATES[below(FATES.length)] as Fate);
    } else if (act < 9) {
      page.repeats();
    } else if (act < 10 && pages.length < 3) {
      open();
    } else if (act < 10 && storage.items.size > 0) {
      // A reload, or a tab that is closed.
      page.closes();
      pages.splice(pages.indexOf(page), 1);
      if (pages.length === 0) {
        open();
      }
    } else if (act < 11 && below(4) === 0) {
      server.close(token, 'OPERATOR');
    }
    await pass([0, 50, 400, 6_000][below(4)] as number, ...pages);
    for (const each of pages) {
      const shown = texts(each).filter((text) => text !== '(ended)');
      expect(new Set(shown).size, `nothing is shown twice after step ${step}`).toBe(shown.length);
    }
  }

  for (const page of pages) {
    page.fates.length = 0;
    page.online(true);
  }
  await pass(60_000, ...pages);
  open();
  await pass(2_000, ...pages);
  for (const page of pages) {
    for (let round = 0; round < 30; round += 1) {
      await page.chat.older();
    }
  }

  const log = server.chats.flatMap(({ messages }) => messages.map(({ text }) => text ?? '(ended)'));
  const said = log.filter((text) => text !== '(ended)');
  expect([...said].sort(), 'each message is on the server once').toEqual([...written].sort());
  for (const page of pages) {
    expect(page.chat.shown.pending, 'nothing waits').toEqual([]);
    expect(texts(page), 'each page shows the log of the server').toEqual(log);
  }
  expect([...storage.items.keys()].filter((name) => name.includes('outbox'))).toEqual([]);
}

describe('whatever happens to pages, requests and connections', () => {
  it.each(Array.from({ length: 100 }, (_, index) => index + 1))(
    'each message is shown once, in order, with seed %i',
    walk,
  );
});
