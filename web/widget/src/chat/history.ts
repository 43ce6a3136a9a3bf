// Draws the rows of the log, and keeps the elements of rows that have not changed.

import { portrait } from '../photo';
import type { Talking } from './chat';
import { add, arrange, button, card, empty, linked, make, say, written } from './dom';
import { type EventRow, isTime, type MessageRow, type Row } from './rows';
import { NOTHING, type Text, type TextName } from './texts';

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

/** How dates and times are written. */
const STYLES = {
  clock: { hour: 'numeric', minute: '2-digit' },
  full: { dateStyle: 'full', timeStyle: 'short' },
  day: { day: 'numeric', month: 'long' },
  dayOfYear: { day: 'numeric', month: 'long', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

export function history(list: HTMLElement, its: Talking, wording: Wording): (rows: readonly Row[]) => void {
  let drawn: Record<string, Drawn> = Object.create(null);
  let language: string | undefined;
  /** Of this language. To make one takes longer than to draw a row. */
  let formats: Partial<Record<keyof typeof STYLES, Intl.DateTimeFormat>> = {};
  /** Those that were used in this draw. */
  let texts: Partial<Record<TextName, string>> = {};
  let today = new Date();

  return (rows) => {
    const next: Record<string, Drawn> = Object.create(null);
    const nodes: HTMLElement[] = [];
    begin();
    for (const row of rows) {
      const print = printOf(row);
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
    for (const key in drawn) {
      if (!next[key]) {
        list.removeChild((drawn[key] as Drawn).node);
      }
    }
    drawn = next;
    arrange(list, nodes);
  };

  function begin(): void {
    const now = new Date();
    today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
    texts = {};
    if (wording.language() !== language) {
      language = wording.language();
      formats = {};
    }
  }

  /** Everything in a row that does not change by itself, as text. */
  function printOf(row: Row): string {
    if (row.is === 'day') {
      return `${language} ${row.at} ${today.getTime()} ${saying('today')} ${saying('yesterday')}`;
    }
    const { operator } = row;
    const its = `${language} ${row.is}\n${row.text}\n${operator?.publicName}\n${operator?.description}\n${operator?.photoUrl}`;
    return row.is === 'event'
      ? `${its}\n${row.at}\n${saying(row.text)}`
      : `${its}\n${row.isOwn} ${row.isFirst}\n${row.isOwn ? saying('you') : ''}`;
  }

  /** A text as the page may have changed it, without a value. */
  function saying(name: TextName): string {
    texts[name] ??= wording.text(name, '{}').text;
    return texts[name];
  }

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
    add(node, make('div', '', worded('c-happened', wording.text(text, name)), time));
  }

  function drawMessage(node: HTMLElement, { text, operator, isOwn, isFirst }: MessageRow): Drawn['update'] {
    node.className = `c-row ${isOwn ? 'c-own' : 'c-theirs'}${isFirst ? ' c-first' : ''}`;
    const body = make('div', 'c-body');
    if (isOwn) {
      add(body, worded('c-unseen', wording.text('you')));
    } else {
      const name = operator?.publicName ?? '';
      const side = make('span', 'c-side');
      if (isFirst) {
        add(side, portrait(name, operator?.photoUrl ?? null, PORTRAIT_PX));
      }
      add(node, side);
      add(body, written(isFirst ? 'c-name' : 'c-unseen', name));
    }
    const came = make('span', 'c-mark');
    const time = make('time', 'c-time');
    const meta = make('div', '', time, came);
    const fault = make('div', 'c-problem');
    let shownAt: number | null = null;
    let shown = '';
    meta.setAttribute('aria-live', 'off');
    add(body, linked('c-bubble', text), meta, fault);
    add(node, body);
    return ({ at, isLast, mark, unsent }) => {
      if (at !== shownAt) {
        shownAt = at;
        showTime(time, at);
      }
      const its = mark && wording.text(mark);
      meta.className = isLast || mark || unsent ? 'c-meta' : 'c-unseen';
      came.hidden = !its;
      say(came, its ?? NOTHING);
      const reason = unsent?.problem === 'unavailable' ? 'unavailable' : 'failed';
      const problem = unsent ? `${saying(reason)}\n${saying('retry')}\n${saying('discard')}` : '';
      if (problem !== shown) {
        shown = problem;
        empty(fault);
        if (unsent) {
          drawProblem(fault, unsent.id, reason);
        }
      }
    };
  }

  function drawProblem(line: HTMLElement, id: string, reason: 'unavailable' | 'failed'): void {
    const retry = button('c-link', () => its.retry(id));
    const discard = button('c-link', () => its.discard(id));
    retry.textContent = wording.text('retry').text;
    discard.textContent = wording.text('discard').text;
    add(line, worded('', wording.text(reason)), retry, discard);
  }

  function dayOf(at: number): HTMLElement {
    const [year, month, date] = [today.getFullYear(), today.getMonth(), today.getDate()];
    if (at === today.getTime()) {
      return worded('', wording.text('today'));
    }
    if (at === new Date(year, month, date - 1).getTime()) {
      return worded('', wording.text('yesterday'));
    }
    const line = make('span', '');
    line.textContent = formatted(at, new Date(at).getFullYear() === year ? 'day' : 'dayOfYear');
    return line;
  }

  function showTime(time: HTMLTimeElement, at: number): void {
    if (isTime(at)) {
      time.dateTime = new Date(at).toISOString();
      time.title = formatted(at, 'full');
      say(time, { text: formatted(at, 'clock'), language: null });
    }
  }

  function formatted(at: number, style: keyof typeof STYLES): string {
    formats[style] ??= new Intl.DateTimeFormat(language, STYLES[style]);
    return formats[style].format(at);
  }
}

function worded(className: string, { text, language }: Text): HTMLElement {
  const element = make('span', className);
  element.textContent = text;
  if (language) {
    element.lang = language;
  }
  return element;
}
