// Draws the rows of the log, and keeps the elements of rows that have not changed.

import { portrait } from '../photo';
import type { Talking } from './chat';
import { add, arrange, button, card, empty, linked, make, written } from './dom';
import type { EventRow, MessageRow, Row } from './rows';
import type { Text, TextName } from './texts';

const PORTRAIT_PX = 28;
const CARD_PORTRAIT_PX = 44;

export interface Wording {
  text(name: TextName, value?: string): Text;
  /** For dates. */
  language(): string | undefined;
}

interface Drawn {
  readonly print: string;
  readonly node: HTMLElement;
}

export function history(list: HTMLElement, its: Talking, wording: Wording): (rows: readonly Row[]) => void {
  let drawn: Record<string, Drawn> = Object.create(null);

  return (rows) => {
    const next: Record<string, Drawn> = Object.create(null);
    const nodes: HTMLElement[] = [];
    for (const row of rows) {
      const print = printOf(row, wording.language() ?? '');
      const before = drawn[row.key];
      const node = before?.node ?? make('div', '');
      if (before?.print !== print) {
        draw(node, row);
      }
      next[row.key] = { print, node };
      nodes.push(node);
    }
    drawn = next;
    arrange(list, nodes);
  };

  function draw(node: HTMLElement, row: Row): void {
    empty(node);
    if (row.is === 'day') {
      node.className = 'c-day';
      add(node, dayOf(row.at));
    } else if (row.is === 'event') {
      drawEvent(node, row);
    } else {
      drawMessage(node, row);
    }
  }

  function drawEvent(node: HTMLElement, { text, operator, isCard, at }: EventRow): void {
    node.className = isCard ? 'c-joined' : 'c-event';
    const name = operator?.publicName ?? '';
    if (isCard && operator) {
      add(node, card(operator, CARD_PORTRAIT_PX));
    }
    add(node, make('div', '', worded('span', 'c-happened', wording.text(text, name)), timeOf(at)));
  }

  function drawMessage(node: HTMLElement, row: MessageRow): void {
    const { text, operator, isOwn, isFirst, isLast, at, mark, unsent } = row;
    node.className = `c-row ${isOwn ? 'c-own' : 'c-theirs'}${isFirst ? ' c-first' : ''}`;
    const body = make('div', 'c-body');
    if (isOwn) {
      add(body, worded('span', 'c-unseen', wording.text('you')));
    } else {
      const name = operator?.publicName ?? '';
      const side = make('span', 'c-side');
      if (isFirst) {
        add(side, portrait(name, operator?.photoUrl ?? null, PORTRAIT_PX));
      }
      add(node, side);
      add(body, written('span', isFirst ? 'c-name' : 'c-unseen', name));
    }
    add(body, linked('c-bubble', text));
    const meta = make('div', isLast || mark || unsent ? 'c-meta' : 'c-unseen', timeOf(at));
    if (mark) {
      add(meta, worded('span', 'c-mark', wording.text(mark)));
    }
    add(body, meta);
    if (unsent) {
      add(body, problem(unsent.id, unsent.problem === 'unavailable'));
    }
    add(node, body);
  }

  function problem(id: string, isUnavailable: boolean): HTMLElement {
    const retry = button('c-link', () => its.retry(id));
    const discard = button('c-link', () => its.discard(id));
    retry.textContent = wording.text('retry').text;
    discard.textContent = wording.text('discard').text;
    const line = make('div', 'c-problem', worded('span', '', wording.text(isUnavailable ? 'unavailable' : 'failed')));
    add(line, retry, discard);
    return line;
  }

  function dayOf(at: number): HTMLElement {
    const today = new Date();
    const its = new Date(at);
    const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
    const line = make('span', '');
    if (its.toDateString() === today.toDateString()) {
      return worded('span', '', wording.text('today'));
    }
    if (its.toDateString() === yesterday.toDateString()) {
      return worded('span', '', wording.text('yesterday'));
    }
    const isThisYear = its.getFullYear() === today.getFullYear();
    line.textContent = formatted(its, { day: 'numeric', month: 'long', ...(isThisYear ? {} : { year: 'numeric' }) });
    return line;
  }

  function timeOf(at: number): HTMLElement {
    const time = make('time', 'c-time');
    const its = new Date(at);
    time.dateTime = its.toISOString();
    time.title = formatted(its, { dateStyle: 'full', timeStyle: 'short' });
    time.textContent = formatted(its, { hour: 'numeric', minute: '2-digit' });
    return time;
  }

  function formatted(date: Date, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(wording.language(), options).format(date);
  }
}

export function worded(tag: 'span' | 'p', className: string, { text, language }: Text): HTMLElement {
  const element = make(tag, className);
  element.textContent = text;
  if (language) {
    element.lang = language;
  }
  return element;
}

/** Everything in a row, as text. */
function printOf(row: Row, language: string): string {
  const start = `${language} ${row.is} ${row.at}`;
  if (row.is === 'day') {
    return `${start} ${new Date().toDateString()}`;
  }
  const { operator } = row;
  const its = `${start}\n${row.text}\n${operator?.publicName}\n${operator?.description}\n${operator?.photoUrl}`;
  return row.is === 'event'
    ? its
    : `${its}\n${row.isOwn} ${row.isFirst} ${row.isLast} ${row.mark} ${row.unsent?.problem}`;
}
