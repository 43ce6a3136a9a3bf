// The panel of the chat at one element: who is there, the log, the composer, and outside of it the
// badge on the pill and a preview of the newest answer.

import { type OperatorCard, record, text as textOf } from '../availability';
import type { ChatDesk, ChatPanel, ChatPlace } from '../contract';
import { portrait } from '../photo';
import type { Talking } from './chat';
import styles from './chat.css?inline';
import { composer } from './composer';
import { add, button, card, empty, make, say, written } from './dom';
import { history, type Wording } from './history';
import { latest, type Message } from './log';
import { rowsOf } from './rows';
import { chime } from './sound';
import { dateLanguage, findText, type Text } from './texts';

const HEAD_PORTRAIT_PX = 36;
const PREVIEW_PORTRAIT_PX = 28;
/** From this distance to the end on, in px, the log stays at its end. */
const NEAR_PX = 40;
/** Distance to the beginning at which older messages are loaded, in px. */
const OLDER_PX = 200;
/** On narrower screens, in px, the panel covers everything. */
const PHONE = '(max-width: 480px)';
const LONGEST_PREVIEW = 200;

let sheet: CSSStyleSheet | null = null;

export function panel(place: ChatPlace, desk: ChatDesk, its: Talking): ChatPanel {
  const { shadow, pill, element } = place;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  const own = sheet;
  let availability: { isAvailable: boolean; operators: readonly OperatorCard[] } | null = null;
  let isAtEnd = true;
  let couldNotEnd = false;
  let isFresh = true;
  /** The newest answer that was announced by sound, or dismissed. */
  let heard = '';
  let dismissed = '';
  /** Where the focus was before the chat was opened. */
  let before: Element | null = null;
  /** What the header and the preview show. */
  let headPrint = '';
  let previewed = '';
  /** The first message of the log. */
  let firstKey = '';

  const wording: Wording = {
    text: (name, value = '') => findText(name, place.language(), (named) => element.getAttribute(named), value),
    language: () => dateLanguage(place.language()),
  };

  const root = make('div', 'c-root');
  const frame = make('section', 'c-panel');
  const head = make('div', 'c-head');
  const title = make('h2', 'c-title');
  const people = make('ul', 'c-people');
  const more = button('c-icon', () => setMenu(menu.hidden === true));
  const close = button('c-icon', () => place.setOpen(false));
  const menu = make('div', 'c-menu');
  const end = button('c-item', () => void finish());
  const log = make('div', 'c-log');
  const list = make('div', 'c-list');
  const loading = make('p', 'c-event');
  const hello = make('p', 'c-hello');
  const typing = make('p', 'c-typing');
  const newest = button('c-newest', () => toEnd());
  const notice = make('p', 'c-notice');
  const write = composer(its, wording, () => toEnd());
  const preview = make('div', 'c-preview');
  const badge = make('span', 'c-badge');

  root.setAttribute('data-nosnippet', '');
  frame.id = 'chat';
  frame.hidden = menu.hidden = newest.hidden = preview.hidden = badge.hidden = true;
  frame.setAttribute('role', 'dialog');
  frame.setAttribute('aria-labelledby', 'c-title');
  title.id = 'c-title';
  people.setAttribute('role', 'list');
  menu.id = 'c-menu';
  more.textContent = '⋯';
  more.setAttribute('aria-controls', menu.id);
  close.textContent = '×';
  log.tabIndex = 0;
  log.setAttribute('role', 'log');
  typing.setAttribute('role', 'status');
  notice.setAttribute('role', 'status');
  badge.setAttribute('role', 'img');
  pill.setAttribute('aria-controls', frame.id);

  add(menu, end);
  add(log, loading, list, hello);
  add(head, make('div', 'c-who', title, people), more, close, menu);
  // Outside of the log, which announces what is new in it by itself.
  add(frame, head, log, newest, typing, notice, write.element);
  add(root, frame, preview);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, own];
  add(shadow, root);
  add(pill, badge);
  setMenu(false);

  const draw = history(list, its, wording);

  frame.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      // Closes the menu or the panel, and not a dialog of the page as well.
      event.stopPropagation();
      event.preventDefault();
      if (menu.hidden) {
        place.setOpen(false);
      } else {
        setMenu(false);
        more.focus();
      }
    }
  });
  frame.addEventListener('click', (event) => {
    if (!menu.hidden && !head.contains(event.target as Node)) {
      setMenu(false);
    }
  });
  log.addEventListener('scroll', () => {
    isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
    if (isAtEnd) {
      newest.hidden = true;
      readNewest();
    }
    if (log.scrollTop < OLDER_PX) {
      void its.older();
    }
  });

  const stopWatching = its.watch(show);
  const stopAvailability = desk.watch(desk.key, (known) => {
    // While the state is unknown, nobody is shown as available.
    availability = known.availability;
    show();
  });
  const attributes = new MutationObserver(show);
  attributes.observe(element, { attributes: true });
  // The composer grows, and takes the height from the log.
  const height = new ResizeObserver(() => {
    if (isAtEnd) {
      log.scrollTop = log.scrollHeight;
    }
  });
  height.observe(log);
  document.addEventListener('visibilitychange', readNewest);
  const viewport = window.visualViewport;
  viewport?.addEventListener('resize', resize);
  viewport?.addEventListener('scroll', resize);
  show();

  function setMenu(isOpen: boolean): void {
    menu.hidden = !isOpen;
    couldNotEnd &&= !isOpen;
    more.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) {
      end.focus();
    }
  }

  async function finish(): Promise<void> {
    setMenu(false);
    write.focus();
    couldNotEnd = !(await its.end());
    show();
  }

  /** On phones, the panel covers what the keyboard leaves of the screen. */
  function resize(): void {
    const coversAll = matchMedia(PHONE).matches;
    frame.setAttribute('aria-modal', String(coversAll));
    if (viewport && coversAll) {
      frame.style.setProperty('--deskbell--height', `${viewport.height}px`);
      frame.style.setProperty('--deskbell--top', `${viewport.offsetTop}px`);
      if (isAtEnd) {
        toEnd();
      }
    }
  }

  function toEnd(): void {
    isAtEnd = true;
    newest.hidden = true;
    log.scrollTop = log.scrollHeight;
    readNewest();
  }

  /** Reports what the visitor sees as read. */
  function readNewest(): void {
    if (place.isOpen() && isAtEnd && !document.hidden) {
      its.read();
    }
  }

  function show(): void {
    const {
      log: { head: state },
      isConnected,
      isLasting,
      isLoadingOlder,
    } = its.shown;
    const isAvailable = availability?.isAvailable === true;
    const rows = rowsOf(its.shown);
    const last = rows[rows.length - 1];

    showHead(state?.status === 'CLOSED' ? [] : (state?.operators ?? []), isAvailable);
    more.hidden = !state || state.status === 'CLOSED';
    if (more.hidden) {
      setMenu(false);
    }

    const fromEnd = log.scrollHeight - log.scrollTop;
    const first = keyOfFirst();
    // Older messages are not news.
    log.setAttribute('aria-live', first === firstKey ? 'polite' : 'off');
    draw(rows);
    const isOver = last?.is === 'event' && state?.status === 'CLOSED';
    const waits = !isAvailable && (state?.operators.length ?? 0) === 0;
    loading.hidden = !isLoadingOlder;
    put(loading, wording.text('earlier'));
    const isLeft = last?.is === 'message' && last.isOwn;
    hello.hidden = rows.length > 0 && !isOver && !(waits && isLeft);
    put(hello, wording.text(waits ? (isLeft ? 'later' : 'leave') : isOver ? 'again' : 'hello'));
    hello.className = rows.length > 0 ? 'c-hello c-below' : 'c-hello';
    const someone = state?.operators.length === 1 ? state.operators[0]?.publicName : null;
    const isTyping = state?.isOperatorTyping && state.status !== 'CLOSED';
    put(typing, isTyping ? wording.text(someone ? 'typing' : 'someone-typing', someone ?? '') : NOTHING);
    couldNotEnd &&= state !== null && state.status !== 'CLOSED';
    const trouble = !isConnected ? 'offline' : couldNotEnd ? 'not-ended' : isLasting ? null : 'unsaved';
    put(notice, trouble ? wording.text(trouble) : NOTHING);
    notice.hidden = trouble === null;
    put(newest, wording.text('newest'));
    write.show(waits && !state?.email, textOf(record(desk.visitor()).email) ?? '');

    put(end, wording.text('end'));
    name(more, wording.text('more').text);
    name(close, wording.text('close').text);
    name(log, wording.text('messages').text);

    if (isAtEnd) {
      log.scrollTop = log.scrollHeight;
    } else if (first !== firstKey) {
      // Older rows came above: what the visitor reads stays where it is.
      log.scrollTop = log.scrollHeight - fromEnd;
    }
    firstKey = first;
    showAnswers();
    readNewest();
    if (place.isOpen() && !isLoadingOlder && log.scrollHeight <= log.clientHeight + OLDER_PX) {
      void its.older();
    }
  }

  function keyOfFirst(): string {
    const talk = its.shown.log.talks[0];
    return talk ? `${talk.id} ${talk.messages[0]?.sequence}` : '';
  }

  function showHead(operators: readonly OperatorCard[], isAvailable: boolean): void {
    const shown = operators.length > 0 ? operators : isAvailable ? (availability?.operators ?? []) : [];
    put(title, wording.text(operators.length > 0 || isAvailable ? 'available' : 'away'));
    title.className = operators.length > 0 ? 'c-unseen' : isAvailable ? 'c-title c-available' : 'c-title';
    let print = '';
    for (const { id, publicName, description, photoUrl } of shown) {
      print += `${id}\n${publicName}\n${description}\n${photoUrl}\n`;
    }
    if (headPrint !== print) {
      headPrint = print;
      empty(people);
      for (const operator of shown) {
        add(people, make('li', 'c-person', card(operator, HEAD_PORTRAIT_PX)));
      }
    }
    people.hidden = shown.length === 0;
  }

  /** Badge, preview and sound for answers that the visitor has not read. */
  function showAnswers(): void {
    const { head: state } = its.shown.log;
    const count = place.isOpen() && !document.hidden && isAtEnd ? 0 : its.shown.unreadCount;
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? '99+' : String(count);
    name(badge, wording.text('unread', String(count)).text);
    const answer = newestAnswer();
    const id = answer ? `${state?.id} ${answer.sequence}` : '';
    newest.hidden = isAtEnd || count === 0;
    if (answer && id !== heard) {
      if (!isFresh && element.hasAttribute('data-sound') && (!place.isOpen() || document.hidden)) {
        chime();
      }
      heard = id;
    }
    isFresh = isFresh && !state;
    const isShown = answer !== null && count > 0 && !place.isOpen() && id !== dismissed;
    preview.hidden = !isShown || element.hasAttribute('data-hidden');
    if (isShown && previewed !== id) {
      previewed = id;
      showPreview(answer, id);
    }
  }

  function showPreview({ operator, text }: Message, id: string): void {
    const open = button('c-open', () => place.setOpen(true));
    const dismiss = button('c-icon', () => {
      dismissed = id;
      preview.hidden = true;
      pill.focus();
    });
    const author = operator?.publicName ?? '';
    const words = make('span', 'c-words', written('span', 'c-name', author));
    add(words, written('span', 'c-said', (text ?? '').slice(0, LONGEST_PREVIEW)));
    add(open, portrait(author, operator?.photoUrl ?? null, PREVIEW_PORTRAIT_PX), words);
    dismiss.textContent = '×';
    name(dismiss, wording.text('dismiss').text);
    empty(preview);
    add(preview, open, dismiss);
  }

  /** The newest message of an operator. */
  function newestAnswer(): Message | null {
    const messages = latest(its.shown.log)?.messages ?? [];
    for (let index = messages.length - 1; index >= 0; index -= 1) {
      const message = messages[index] as Message;
      if (message.author === 'OPERATOR' && message.text !== null) {
        return message;
      }
    }
    return null;
  }

  return {
    opened(isOpen, isByHand) {
      const hadFocus = frame.contains(shadow.activeElement) || preview.contains(shadow.activeElement);
      frame.hidden = !isOpen;
      root.className = isOpen ? 'c-root c-shown' : 'c-root';
      its.setOpen(isOpen, frame);
      if (isOpen) {
        before = document.activeElement;
        resize();
        show();
        toEnd();
        // Elsewhere the focus stays, and on phones the keyboard would hide the log. A page may open
        // the chat when the visitor has pressed a button of its own.
        if ((isByHand || navigator.userActivation?.isActive) && !matchMedia('(pointer: coarse)').matches) {
          write.focus();
        }
      } else {
        its.setTyping(false);
        show();
        if (hadFocus) {
          pill.focus();
        }
        if (hadFocus && element.hasAttribute('data-hidden')) {
          // There is no pill, but a button of the page.
          (before as HTMLElement | null)?.focus();
        }
      }
    },
    leave() {
      stopWatching();
      stopAvailability();
      attributes.disconnect();
      height.disconnect();
      document.removeEventListener('visibilitychange', readNewest);
      viewport?.removeEventListener('resize', resize);
      viewport?.removeEventListener('scroll', resize);
      its.setOpen(false, frame);
      const others: CSSStyleSheet[] = [];
      for (const other of shadow.adoptedStyleSheets) {
        if (other !== own) {
          others.push(other);
        }
      }
      shadow.adoptedStyleSheets = others;
      shadow.removeChild(root);
      badge.parentNode?.removeChild(badge);
      pill.setAttribute('aria-controls', 'panel');
    },
  };
}

const NOTHING: Text = { text: '', language: null };

function put(element: HTMLElement, { text, language }: Text): void {
  say(element, text, text ? language : null);
}

function name(element: HTMLElement, label: string): void {
  if (element.getAttribute('aria-label') !== label) {
    element.setAttribute('aria-label', label);
  }
}
