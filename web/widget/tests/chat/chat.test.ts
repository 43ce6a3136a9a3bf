import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/chat/rows';
import { outboxName } from '../../src/token';
import { KEY, pass, SERVER, ToyPage, ToyServer, ToyStorage } from './world';

const TOKEN = `deskbell ${SERVER} token`;

function begun() {
  const server = new ToyServer();
  const storage = new ToyStorage();
  const page = new ToyPage(server, storage);
  return { server, storage, page };
}

/** What a page shows: texts with their marks, and events. */
function shows({ chat }: ToyPage): string[] {
  return rowsOf(chat.shown).flatMap((row) => {
    if (row.is === 'day') {
      return [];
    }
    return row.is === 'event' ? [`(${row.text})`] : [`${row.text}${row.mark ? ` [${row.mark}]` : ''}`];
  });
}

const sends = ({ requests }: ToyPage) => requests.filter(({ query }) => query.includes('sendChatMessage'));

describe('a message', () => {
  it('is stored before it is sent, with the token, and nothing is before', async () => {
    const { server, storage, page } = begun();
    page.chat.setOpen(true, {});
    await pass(1_000, page);
    expect(page.token).toMatch(/^vt_[\w-]{43}$/);
    expect([...storage.items.keys()]).toEqual([]);

    page.online(false);
    page.chat.send('Hello', null);
    const [entry, mark] = [...storage.items.keys()];
    expect([mark, storage.items.size]).toEqual([outboxName(SERVER, KEY), 2]);
    expect(entry?.startsWith(`${mark} `)).toBe(true);
    await pass(1_000, page);
    expect(storage.items.get(TOKEN)).toBe(page.token);
    expect(shows(page)).toEqual(['Hello [sending]']);

    page.online(true);
    await pass(6_000, page);
    expect([...storage.items.keys()]).toEqual([TOKEN]);
    expect(shows(page)).toEqual(['Hello [sent]']);
    expect(server.chats.map(({ messages }) => messages.length)).toEqual([1]);
  });

  it.each([
    ['request lost', 1],
    ['answer lost', 1],
    ['refused by a proxy', 1],
  ] as const)('arrives once if its first attempt has the fate "%s"', async (fate, arrived) => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.fates.push(fate);
    page.chat.send('Hello', null);
    await pass(6_000, page);
    expect(sends(page)).toHaveLength(arrived);
    expect(new Set(sends(page).map(({ variables }) => variables.input.clientMessageId)).size).toBe(1);
    expect(server.chats[0]?.messages).toHaveLength(1);
    expect(shows(page)).toEqual(['Hello [sent]']);
  });

  it('is tried at least every 5 s for two minutes, then less often', async () => {
    const { page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('Hello', null);
    page.fates.push(...Array.from({ length: 100 }, () => 'refused by a proxy' as const));
    await pass(120_000, page);
    const inTwoMinutes = 100 - page.fates.length;
    expect(inTwoMinutes).toBeGreaterThanOrEqual(24);
    await pass(120_000, page);
    expect(100 - page.fates.length - inTwoMinutes).toBeLessThan(inTwoMinutes);
  });

  it('waits as long as the server asks for, whatever else happens', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    server.refusals.push({ __typename: 'TooManyAttempts', message: '', path: [], retryAfterSeconds: 30 });
    page.chat.send('Two', null);
    await pass(1_000, page);
    server.says(page.token as string, 'A moment, please');
    page.chat.send('Three', null);
    await pass(28_000, page);
    expect(sends(page)).toHaveLength(2);
    await pass(2_000, page);
    expect(server.chats[0]?.messages.map(({ text }) => text)).toEqual(['One', 'A moment, please', 'Two', 'Three']);
  });

  it('that is refused stays, and does not stop the next one', async () => {
    const { server, storage, page } = begun();
    page.chat.setOpen(true, {});
    server.refusals.push({ __typename: 'ChatUnavailable', message: '', path: [] });
    page.chat.send('One', null);
    page.chat.send('Two', null);
    await pass(1_000, page);
    expect(page.chat.shown.pending.map(({ text, problem }) => [text, problem])).toEqual([['One', 'unavailable']]);
    const [failed] = page.chat.shown.pending;
    page.chat.retry(failed?.id ?? '');
    await pass(1_000, page);
    expect(shows(page)).toEqual(['Two', 'One [sent]']);
    expect([...storage.items.keys()]).toEqual([TOKEN]);
  });

  it('can be discarded if it was refused', async () => {
    const { server, storage, page } = begun();
    page.chat.setOpen(true, {});
    server.refusals.push({ __typename: 'InvalidInput', message: '', path: [] });
    page.chat.send('One', null);
    await pass(1_000, page);
    page.chat.discard(page.chat.shown.pending[0]?.id ?? '');
    await pass(60_000, page);
    expect([shows(page), [...storage.items.keys()], sends(page).length]).toEqual([[], [TOKEN], 1]);
  });

  it('is sent by the next page if the first one is closed', async () => {
    const { server, storage, page } = begun();
    page.chat.setOpen(true, {});
    page.online(false);
    page.chat.send('One', null);
    page.chat.send('Two', null);
    await pass(500, page);
    page.closes();
    const next = new ToyPage(server, storage);
    await pass(1_000, next);
    expect(server.chats.map(({ messages }) => messages.map(({ text }) => text))).toEqual([['One', 'Two']]);
    expect(shows(next)).toEqual(['One', 'Two [sent]']);
  });

  it('has what the page and the visitor said about the visitor', async () => {
    const { page } = begun();
    page.details = { name: 'Vera', email: 'vera@example.com' };
    page.chat.setOpen(true, {});
    page.chat.send('One', undefined);
    await pass(500, page);
    page.chat.send('Two', null);
    page.chat.send('Three', 'vera@home.example');
    await pass(1_000, page);
    expect(sends(page).map(({ variables }) => variables.input.visitor)).toEqual([
      { name: 'Vera', email: 'vera@example.com' },
      undefined,
      { email: 'vera@home.example' },
    ]);
  });

  it('does not have the address of the page if the visitor has removed it', async () => {
    const { page } = begun();
    page.details = { email: 'vera@example.com' };
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    expect(sends(page).map(({ variables }) => variables.input.visitor)).toEqual([undefined]);
  });
});

describe('a page whose browser', () => {
  it.each(['denied', 'full'] as const)('has its storage %s works, and says that the chat will not last', async (is) => {
    const { server, storage, page } = begun();
    storage.is = is;
    page.chat.setOpen(true, {});
    page.chat.send('Hello', null);
    await pass(1_000, page);
    server.says(page.token as string, 'Good day');
    page.chat.send('Again', null);
    await pass(1_000, page);
    expect([shows(page), page.chat.shown.isLasting]).toEqual([['Hello', 'Good day', 'Again [sent]'], false]);
    expect(server.chats).toHaveLength(1);
  });
});

describe('several pages of a site', () => {
  it('that write their first messages at once have one chat', async () => {
    const server = new ToyServer();
    const storage = new ToyStorage();
    const pages = [1, 2, 3].map(() => new ToyPage(server, storage));
    for (const page of pages) {
      page.chat.setOpen(true, {});
    }
    await pass(500, ...pages);
    expect(new Set(pages.map(({ token }) => token)).size).toBe(3);
    for (const [index, page] of pages.entries()) {
      page.chat.send(`From page ${index}`, null);
    }
    await pass(2_000, ...pages);
    expect(server.chats.map(({ messages }) => messages.length)).toEqual([3]);
    for (const page of pages) {
      expect(page.token).toBe(storage.items.get(TOKEN));
      expect(shows(page)).toEqual(shows(pages[0] as ToyPage));
      expect(shows(page)).toHaveLength(3);
    }
  });

  it('with different keys have one token', async () => {
    const server = new ToyServer();
    const storage = new ToyStorage();
    const pages = ['wk_1', 'wk_2', 'wk_3'].map((key) => new ToyPage(server, storage, key));
    for (const page of pages) {
      page.chat.setOpen(true, {});
      page.chat.send('Hello', null);
    }
    await pass(2_000, ...pages);
    expect(new Set(server.chats.map(({ token }) => token))).toEqual(new Set([storage.items.get(TOKEN)]));
  });

  it('show what another one is sending', async () => {
    const { server, storage, page } = begun();
    const other = new ToyPage(server, storage);
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page, other);
    page.online(false);
    page.fates.push('request lost');
    page.chat.send('Two', null);
    expect(shows(page)).toEqual(['One', 'Two [sending]']);
    await pass(500, page, other);
    expect(shows(other)).toEqual(['One', 'Two [sent]']);
  });
});

describe('the log', () => {
  it('has older pages and earlier conversations above', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('First of all', null);
    await pass(500, page);
    const token = page.token as string;
    server.close(token, 'OPERATOR');
    page.chat.send('Back again', null);
    await pass(500, page);
    for (let count = 0; count < 120; count += 1) {
      server.says(token, `Line ${count}`);
    }
    await pass(500, page);

    const later = new ToyPage(server, storageWith(token));
    await pass(500, later);
    expect(shows(later)).toHaveLength(50);
    for (let round = 0; round < 6; round += 1) {
      await later.chat.older();
    }
    expect(shows(later)).toHaveLength(123);
    expect(shows(later).slice(0, 4)).toEqual(['First of all', '(ended-by-us)', 'Back again', 'Line 0']);
    expect(shows(page)).toEqual(shows(later));
    const before = later.requests.length;
    await later.chat.older();
    expect(later.requests).toHaveLength(before);
  });

  it('has an older page even if a message arrives while it is read', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    for (let count = 0; count < 80; count += 1) {
      server.says(page.token as string, `Line ${count}`);
    }
    const later = new ToyPage(server, storageWith(page.token as string));
    await pass(500, later);
    const reading = later.chat.older();
    server.says(page.token as string, 'In between');
    await reading;
    await pass(500, later);
    expect(shows(later)).toHaveLength(82);
    expect(later.requests).toHaveLength(1);
  });

  it('keeps the end of a conversation that a page has slept through', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    const token = page.token as string;
    const other = new ToyPage(server, storageWith(token));
    await pass(500, other);
    page.online(false);
    server.says(token, 'An answer');
    server.close(token, 'OPERATOR');
    other.chat.send('Two', null);
    await pass(500, other);
    page.online(true);
    await pass(1_000, page);
    expect(shows(page)).toEqual(['One', 'An answer', '(ended-by-us)', 'Two [sent]']);
  });

  it('is read when it is looked at, and only then', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    server.says(page.token as string, 'An answer');
    await pass(500, page);
    expect(page.told.at(-1)).toEqual({ status: 'PENDING', unreadCount: 1 });
    page.fates.push('answer lost');
    page.chat.read();
    expect(page.told.at(-1)).toEqual({ status: 'PENDING', unreadCount: 0 });
    await pass(500, page);
    page.chat.read();
    await pass(500, page);
    expect(server.chats[0]?.readUpTo).toBe(2);
    expect(page.told.at(-1)).toEqual({ status: 'PENDING', unreadCount: 0 });
  });
});

describe('a server that does not answer', () => {
  it('is not asked for older messages again and again', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    for (let count = 0; count < 60; count += 1) {
      server.says(page.token as string, `Line ${count}`);
    }
    const later = new ToyPage(server, storageWith(page.token as string));
    later.fates.push(...Array.from({ length: 500 }, () => 'refused by a proxy' as const));
    // As the panel does, which wants to be filled.
    later.chat.watch(() => void later.chat.older());
    await pass(3_000, later);
    expect(500 - later.fates.length).toBeLessThan(8);
    later.fates.length = 0;
    await pass(60_000, later);
    expect(shows(later)).toHaveLength(61);
  });

  it('is not asked for messages that are about to come', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    const before = page.requests.length;
    server.portion = 10;
    page.online(false);
    for (let count = 0; count < 300; count += 1) {
      server.says(page.token as string, `Line ${count}`);
    }
    page.online(true);
    await pass(2_000, page);
    expect(shows(page)).toHaveLength(301);
    expect(page.requests.length - before).toBe(0);
  });
});

describe('the next visitor of a browser', () => {
  const clear = (storage: ToyStorage, page: ToyPage): void => {
    for (const name of [...storage.items.keys()]) {
      storage.set(page, name, null);
    }
  };

  it('sees and sends nothing of the one before', async () => {
    const { server, storage, page } = begun();
    const other = new ToyPage(server, storage);
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page, other);
    storage.is = 'full';
    other.online(false);
    other.chat.setOpen(true, {});
    other.chat.send('Private', null);
    other.chat.draft.text = 'Half of a';
    other.chat.draft.email = 'one@example.com';
    await pass(500, page, other);
    storage.is = 'open';
    clear(storage, page);
    await pass(500, other);
    other.online(true);
    await pass(30_000, other);
    expect([shows(other), other.chat.draft]).toEqual([[], { text: '', email: null }]);
    expect(other.told.at(-1)).toEqual({ status: null, unreadCount: 0 });
    other.chat.send('Two', null);
    await pass(1_000, other);
    expect(server.chats.map(({ messages }) => messages.map(({ text }) => text))).toEqual([['One'], ['Two']]);
    expect(new Set(server.chats.map(({ token }) => token)).size).toBe(2);
  });

  it('is a new one for the page, too, that has deleted the data itself', async () => {
    const { server, storage, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    storage.items.clear();
    page.chat.send('Two', null);
    await pass(1_000, page);
    expect(server.chats.map(({ messages }) => messages.map(({ text }) => text))).toEqual([['One'], ['Two']]);
    expect(shows(page)).toEqual(['Two [sent]']);
  });

  it.each([true, false])('sees nothing of an answer that comes too late (refused: %s)', async (isRefused) => {
    const { server, storage, page } = begun();
    const other = new ToyPage(server, storage);
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page, other);
    if (isRefused) {
      server.refusals.push({ __typename: 'InvalidInput', message: '', path: ['visitor', 'email'] });
    }
    page.chat.send('Two', 'one@example.com');
    // The request is on its way.
    await page.asked();
    clear(storage, other);
    await pass(200, page);
    expect([shows(page), page.chat.shown.refusedEmail]).toEqual([[], null]);
    await pass(30_000, page);
    expect([shows(page), sends(page).length]).toEqual([[], 2]);
  });

  it('does not see as sent what was deleted before it was', async () => {
    const { server, storage, page } = begun();
    const other = new ToyPage(server, storage);
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page, other);
    page.online(false);
    page.chat.send('Two', null);
    clear(storage, other);
    await pass(200, page);
    expect(shows(page)).toEqual([]);
  });
});

describe('two keys on a page', () => {
  it('forget the visitor together', async () => {
    const { server, storage, page } = begun();
    const other = new ToyPage(server, storage);
    const second = page.chatOf('wk_2');
    page.chat.setOpen(true, {});
    second.setOpen(true, {});
    page.chat.send('Private', null);
    await pass(500, page, other);
    for (const name of [...storage.items.keys()]) {
      storage.set(other, name, null);
    }
    await pass(500, page);
    second.send('Next', null);
    await pass(1_000, page);
    expect(server.chats.map(({ messages }) => messages.map(({ text }) => text))).toEqual([['Private'], ['Next']]);
    expect(new Set(server.chats.map(({ token }) => token)).size).toBe(2);
    expect(page.token).toBe(storage.items.get(TOKEN));
  });

  it('have one token after the visitor was forgotten', async () => {
    const { server, storage, page } = begun();
    const other = new ToyPage(server, storage);
    const second = page.chatOf('wk_2');
    page.chat.setOpen(true, {});
    page.chat.send('Private', null);
    await pass(500, page, other);
    for (const name of [...storage.items.keys()]) {
      storage.set(other, name, null);
    }
    await pass(500, page);
    page.chat.setOpen(true, {});
    second.setOpen(true, {});
    page.chat.send('Next', null);
    await pass(500, page);
    second.setOpen(true, {});
    server.says(storage.items.get(TOKEN) as string, 'An answer');
    await pass(500, page);
    expect(shows(page)).toEqual(['Next', 'An answer']);
  });
});

describe('the end of a chat', () => {
  it('is reported as failed if the server refuses it or is not reached', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    page.fates.push('refused by a proxy');
    expect(await page.chat.end()).toBe(false);
    server.refusals.push({ __typename: 'TooManyAttempts', message: '', path: [], retryAfterSeconds: 60 });
    expect(await page.chat.end()).toBe(false);
    expect(await page.chat.end()).toBe(true);
    expect(server.chats[0]?.status).toBe('CLOSED');
  });
});

describe('what fails for a moment', () => {
  it('is read later, such as the end of a former conversation', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    const other = new ToyPage(server, storageWith(page.token as string));
    await pass(500, other);
    page.online(false);
    server.says(page.token as string, 'An answer');
    server.close(page.token as string, 'OPERATOR');
    other.chat.send('Two', null);
    await pass(500, other);
    page.fates.push('refused by a proxy', 'refused by a proxy');
    page.online(true);
    await pass(20_000, page);
    expect(shows(page)).toEqual(['One', 'An answer', '(ended-by-us)', 'Two [sent]']);
  });

  it('such as the storage, forgets nobody', async () => {
    const { server, storage, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    storage.is = 'denied';
    page.chat.send('Two', null);
    await pass(1_000, page);
    storage.is = 'open';
    page.chat.send('Three', null);
    await pass(1_000, page);
    expect(server.chats.map(({ messages }) => messages.map(({ text }) => text))).toEqual([['One', 'Two', 'Three']]);
  });

  it('such as read marks, is not asked more and more often', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    page.chat.watch(() => page.chat.read());
    page.fates.push(...Array.from({ length: 5_000 }, () => 'refused by a proxy' as const));
    for (let minute = 0; minute < 5; minute += 1) {
      for (let count = 0; count < 8; count += 1) {
        server.says(page.token as string, `Line ${minute} ${count}`);
        await pass(7_500, page);
      }
    }
    expect(5_000 - page.fates.length).toBeLessThan(150);
  });

  it('such as a script of the page, does not end the sending', async () => {
    const { server, page } = begun();
    page.told.push = () => {
      throw new Error('a script of the page');
    };
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    page.chat.send('Two', null);
    await pass(1_000, page);
    expect(server.chats[0]?.messages).toHaveLength(2);
  });
});

describe('an entry that no page has written', () => {
  it('is not sent', async () => {
    const { server, storage } = begun();
    storage.items.set(`${outboxName(SERVER, KEY)} x`, '{"id":"y","text":"Hello","at":1}');
    const page = new ToyPage(server, storage);
    page.chat.setOpen(true, {});
    await pass(5_000, page);
    expect(sends(page)).toHaveLength(0);
  });
});

describe('the scripts of a page', () => {
  it('are told nothing before it is known', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    const next = new ToyPage(server, storageWith(page.token as string));
    await pass(500, next);
    expect(next.told.map(({ status }) => status)).not.toContain(null);
  });
});

describe('a message that another page has discarded', () => {
  it('is not shown as sent', async () => {
    const { server, storage, page } = begun();
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(500, page);
    const other = new ToyPage(server, storage);
    page.online(false);
    other.online(false);
    page.chat.send('Two', null);
    await pass(200, page, other);
    other.chat.discard(other.chat.shown.pending[0]?.id ?? '');
    await pass(200, page, other);
    expect(shows(page)).toEqual(['One', 'Two [sending]']);
    page.online(true);
    server.says(page.token as string, 'An answer');
    await pass(30_000, page);
    expect(shows(page)).toEqual(['One', 'An answer']);
  });
});

describe('read marks', () => {
  it('of one conversation do not count for the next', async () => {
    const { server, page } = begun();
    page.chat.setOpen(true, {});
    const token = (): string => page.token as string;
    page.chat.send('One', null);
    await pass(500, page);
    for (const text of ['a', 'b', 'c']) {
      server.says(token(), text);
    }
    await pass(500, page);
    page.chat.read();
    server.close(token(), 'OPERATOR');
    page.chat.send('Two', null);
    await pass(500, page);
    server.says(token(), 'd');
    await pass(500, page);
    expect(page.chat.shown.unreadCount).toBe(1);
    page.chat.read();
    await pass(500, page);
    expect(server.chats.map(({ readUpTo }) => readUpTo)).toEqual([4, 2]);
  });
});

describe('a panel that fails', () => {
  it('does not keep messages from being sent', async () => {
    const { server, page } = begun();
    page.chat.watch(() => {
      throw new RangeError('Invalid time value');
    });
    page.chat.setOpen(true, {});
    page.chat.send('One', null);
    await pass(1_000, page);
    expect(server.chats[0]?.messages).toHaveLength(1);
    expect(page.world.reported.length).toBeGreaterThan(0);
  });

  it('does not read entries that no page has written', () => {
    const { server, storage } = begun();
    const name = `${outboxName(SERVER, KEY)} x`;
    for (const at of ['1e300', 'null', '"1"']) {
      storage.items.set(name, `{"id":"x","text":"Hello","at":${at}}`);
      expect(new ToyPage(server, storage).chat.shown.pending).toEqual([]);
    }
  });
});

describe('a message that was sent', () => {
  it('stays while the log is not heard of', async () => {
    const { page } = begun();
    page.chat.setOpen(true, {});
    await pass(500, page);
    page.mutes = true;
    page.chat.send('One', null);
    await pass(60_000, page);
    expect(shows(page)).toEqual(['One [sent]']);
    page.mutes = false;
    page.online(true);
    await pass(500, page);
    expect(shows(page)).toEqual(['One [sent]']);
  });
});

describe('typing', () => {
  it('is reported every 3 s, and never before the first message', async () => {
    const { page } = begun();
    const typed = () => page.requests.filter(({ query }) => query.includes('setChatTyping')).length;
    page.chat.setOpen(true, {});
    page.chat.setTyping(true);
    await pass(500, page);
    expect(typed()).toBe(0);
    page.chat.send('One', null);
    await pass(500, page);
    for (let key = 0; key < 60; key += 1) {
      page.chat.setTyping(true);
      await pass(100, page);
    }
    expect(typed()).toBe(2);
    page.chat.setTyping(false);
    page.chat.setTyping(false);
    await pass(500, page);
    expect(typed()).toBe(3);
  });
});

function storageWith(token: string): ToyStorage {
  const storage = new ToyStorage();
  storage.items.set(TOKEN, token);
  return storage;
}
