// Draws the rows of the log, and keeps the elements of rows that have not changed.

import { portrait } from '../photo';
import type { Talking } from './chat';
import { add, arrange, button, card, empty, linked, make, say, written } from './dom';
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
  /** Shows how far a message came. Screen readers must not repeat the message. */
  readonly update: ((row: MessageRow) => void) | null;
}

export function history(list: HTMLElement, its: Talking, wording: Wording): (rows: readonly Row[]) => void {
  let drawn: Record<string, Drawn> = Object.create(null);

  return (rows) => {
    const next: Record<string, Drawn> = Object.create(null);
    const nodes: HTMLElement[] = [];
    for (const row of rows) {
      const print = printOf(row, wording.language() ?? '');
      let its = drawn[row.key];
      if (its?.print !== print) {
        const node = its?.node ?? make('div', '');
        its = { print, node, update: draw(node, row) };
      }
      if (row.is === 'message') {
        its.update?.(row);
      }
      next[row.key] = its;
      nodes.push(its.node);
    }
    drawn = next;
    arrange(list, nodes);
  };

  function draw(node: HTMLElement, row: Row): Drawn['update'] {
    empty(node);
    if (row.is === 'message') {
      return drawMessage(node, row);
    }
    if (row.is === 'day') {
      node.className = 'c-day';
      add(node, dayOf(row.at));
    } else {
      drawEvent(node, row);
    }
    return null;
  }

  function drawEvent(node: HTMLElement, { text, operator, isCard, at }: EventRow): void {
    node.className = isCard ? 'c-joined' : 'c-event';
    const name = operator?.publicName ?? '';
    if (isCard && operator) {
      add(node, card(operator, CARD_PORTRAIT_PX));
    }
    const time = make('time', 'c-time');
    showTime(time, at);
    add(node, make('div', '', worded('span', 'c-happened', wording.text(text, name)), time));
  }

  function drawMessage(node: HTMLElement, { text, operator, isOwn, isFirst }: MessageRow): Drawn['update'] {
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
    const came = make('span', 'c-mark');
    const time = make('time', 'c-time');
    const meta = make('div', '', time, came);
    const fault = make('div', 'c-problem');
    let shown: string | null = null;
    meta.setAttribute('aria-live', 'off');
    add(body, linked('c-bubble', text), meta, fault);
    add(node, body);
    return ({ at, isLast, mark, unsent }) => {
      showTime(time, at);
      const its = mark && wording.text(mark);
      meta.className = isLast || mark || unsent ? 'c-meta' : 'c-unseen';
      came.hidden = !its;
      say(came, its?.text ?? '', its?.language);
      const problem = unsent?.problem ?? null;
      if (problem !== shown) {
        shown = problem;
        empty(fault);
        if (unsent) {
          drawProblem(fault, unsent.id, problem === 'unavailable');
        }
      }
    };
  }

  function drawProblem(line: HTMLElement, id: string, isUnavailable: boolean): void {
    const retry = button('c-link', () => its.retry(id));
    const discard = button('c-link', () => its.discard(id));
    retry.textContent = wording.text('retry').text;
    discard.textContent = wording.text('discard').text;
    add(line, worded('span', '', wording.text(isUnavailable ? 'unavailable' : 'failed')), retry, discard);
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

  function showTime(time: HTMLTimeElement, at: number): void {
    const its = new Date(at);
    const dateTime = its.toISOString();
    if (time.dateTime !== dateTime) {
      time.dateTime = dateTime;
      time.title = formatted(its, { dateStyle: 'full', timeStyle: 'short' });
      say(time, formatted(its, { hour: 'numeric', minute: '2-digit' }));
    }
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

/** Everything in a row that does not change by itself, as text. */
function printOf(row: Row, language: string): string {
  if (row.is === 'day') {
    return `${language} ${new Date(row.at).toDateString()} ${new Date().toDateString()}`;
  }
  const { operator } = row;
  const its = `${language} ${row.is}\n${row.text}\n${operator?.publicName}\n${operator?.description}\n${operator?.photoUrl}`;
  return row.is === 'event' ? `${its}\n${row.at}` : `${its}\n${row.isOwn} ${row.isFirst}`;
}
