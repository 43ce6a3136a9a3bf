// The panel of the chat at one element: who is there, the log, the composer, and outside of it the
// badge on the pill and a preview of the newest answer.

import { type OperatorCard, record, text as textOf } from '../availability';
import type { ChatDesk, ChatPanel, ChatPlace } from '../contract';
import { portrait } from '../photo';
import { browser, type Cancel, noop } from '../world';
import type { Talking } from './chat';
import styles from './chat.css?inline';
import { composer } from './composer';
import { add, button, card, empty, make, say, written } from './dom';
import { history, type Wording } from './history';
import { latest, type Message } from './log';
import { countOf, rowsOf } from './rows';
import { chime } from './sound';
import { dateLanguage, findText, type Text } from './texts';

const HEAD_PORTRAIT_PX = 36;
const PREVIEW_PORTRAIT_PX = 28;
/** From this distance to the end on, in px, the log stays at its end. */
const NEAR_PX = 40;
/** Distance to the beginning at which older messages are loaded, in px. */
const OLDER_PX = 200;
/** On such screens the panel covers everything. As in chat.css. */
const PHONE = '(max-width: 480px), (max-height: 450px)';
/** Rows that are drawn, and how many more of the older ones at a time. */
const ROWS = 300;
/** Screen readers take notice of `aria-live` and of new rows in an order of their own. */
const HUSH_MS = 50;
const HUSHED_MS = 100;
/** An answer that was read somewhere within this time needs no sound. */
const CHIME_AFTER_MS = 1_000;
const LONGEST_PREVIEW = 200;

const { later } = browser();

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
  /** The number of messages, and how many of the newest ones are drawn. */
  let total = 0;
  let most = ROWS;
  /** Whether the log is silent for older rows, which come, or have come. */
  let isHushed = false;
  let stopWaiting: Cancel | null = null;
  let stopHush: Cancel | null = null;
  let stopChime = noop;
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

  let language = place.language();
  let dates = dateLanguage(language);
  const wording: Wording = {
    text: (name, value = '') => findText(name, language, (named) => element.getAttribute(named), value),
    language: () => dates,
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
  frame.tabIndex = -1;
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
  log.setAttribute('aria-live', 'polite');
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
    showOlder();
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
      toBottom();
    }
  });
  height.observe(log);
  document.addEventListener('visibilitychange', readNewest);
  // Before the composer, which keeps its keys to itself.
  document.addEventListener('keydown', keepInside, true);
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
    takeFocus();
    couldNotEnd = !(await its.end());
    show();
  }

  /** On touch screens, the field would bring the keyboard, which hides the log. */
  function takeFocus(): void {
    if (!matchMedia('(pointer: coarse)').matches) {
      write.focus();
    } else {
      frame.focus({ preventScroll: true });
    }
  }

  /** The focus does not go to what the panel covers. */
  function keepInside(event: KeyboardEvent): void {
    const isTab = event.key === 'Tab' && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (!isTab || frame.hidden || frame.getAttribute('aria-modal') !== 'true') {
      return;
    }
    const { activeElement: outside } = document;
    const focused = shadow.activeElement;
    if (!focused && outside && outside !== document.body) {
      // Of the page, such as a dialog above the chat.
      return;
    }
    let first: HTMLElement | null = null;
    let last: HTMLElement | null = null;
    for (const one of frame.querySelectorAll<HTMLElement>('a, button, input, textarea, [tabindex="0"]')) {
      if (one.getClientRects().length > 0) {
        first ??= one;
        last = one;
      }
    }
    const isInside = focused !== frame && frame.contains(focused);
    const edge = event.shiftKey ? first : last;
    if (!isInside || focused === edge) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }

  /** Draws older rows, or loads them, if their place is in sight. */
  function showOlder(): void {
    if (!place.isOpen() || log.clientHeight === 0 || log.scrollTop >= OLDER_PX) {
      return;
    }
    if (most >= total) {
      void its.older();
    } else if (!isAtEnd && !stopWaiting) {
      silence(() => {
        most += ROWS;
        show();
      });
    }
  }

  /** Older messages are not news. */
  function silence(then: () => void): void {
    log.setAttribute('aria-live', 'off');
    isHushed = true;
    stopWaiting?.();
    stopWaiting = later(HUSH_MS, () => {
      stopWaiting = null;
      then();
    });
  }

  /** Until screen readers have taken notice of the rows. */
  function endSilence(hasMore: boolean): void {
    if (hasMore) {
      stopHush?.();
      stopHush = null;
    }
    if (isHushed && !stopWaiting && !its.shown.isLoadingOlder) {
      stopHush ??= later(HUSHED_MS, () => {
        stopHush = null;
        isHushed = its.shown.isLoadingOlder;
        log.setAttribute('aria-live', isHushed ? 'off' : 'polite');
      });
    }
  }

  /** Keeps what the visitor reads in its place. To be called when rows have come or gone. */
  function held(): () => void {
    const { top } = log.getBoundingClientRect();
    const places: [Element, number][] = [];
    for (let row = list.lastElementChild; row; row = row.previousElementSibling) {
      const its = row.getBoundingClientRect();
      // The day of the first row stays the first.
      if (row.className !== 'c-day') {
        places.push([row, its.top]);
      }
      if (its.top < top) {
        break;
      }
    }
    return () => {
      for (let index = places.length - 1; index >= 0; index -= 1) {
        const [row, before] = places[index] as [Element, number];
        if (row.parentNode === list) {
          log.scrollTop += row.getBoundingClientRect().top - before;
          return;
        }
      }
    };
  }

  /** On small screens, the panel covers what the keyboard leaves of the screen. */
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
    toBottom();
    readNewest();
  }

  function toBottom(): void {
    log.scrollTop = log.scrollHeight;
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
    const first = keyOfFirst();
    // The visitor's own first message stays where it is.
    const isOlder = first !== firstKey && (firstKey !== '' || !list.firstChild);
    if (isOlder && !isHushed) {
      silence(show);
      return;
    }
    if (isLoadingOlder && !isHushed) {
      silence(show);
    }
    firstKey = first;
    if (place.language() !== language) {
      language = place.language();
      dates = dateLanguage(language);
    }
    const added = countOf(its.shown) - total;
    total += added;
    // What the visitor has scrolled up to stays.
    most = isAtEnd ? ROWS : most + Math.max(0, added);
    const rows = rowsOf(its.shown, most);
    const last = rows[rows.length - 1];

    showHead(state?.status === 'CLOSED' ? [] : (state?.operators ?? []), isAvailable);
    more.hidden = !state || state.status === 'CLOSED';
    if (more.hidden) {
      setMenu(false);
    }

    if (isLoadingOlder) {
      loading.hidden = false;
    }
    const keep = isAtEnd ? toBottom : held();
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
    const isTyping = isConnected && state?.isOperatorTyping && state.status !== 'CLOSED';
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

    keep();
    endSilence(isOlder);
    showScroll();
    showAnswers();
    readNewest();
    if (!isLoadingOlder) {
      showOlder();
    }
  }

  function keyOfFirst(): string {
    const talk = its.shown.log.talks[0];
    return talk ? `${talk.id} ${talk.messages[0]?.sequence}` : '';
  }

  /** What can be scrolled can be scrolled with the keyboard. */
  function showScroll(): void {
    const tabIndex = people.scrollHeight > people.clientHeight ? 0 : -1;
    if (people.tabIndex !== tabIndex) {
      people.tabIndex = tabIndex;
    }
  }

  function showHead(operators: readonly OperatorCard[], isAvailable: boolean): void {
    const shown = operators.length > 0 ? operators : isAvailable ? (availability?.operators ?? []) : [];
    const areHere = operators.length > 0;
    let print = `${areHere}\n`;
    for (const { id, publicName, description, photoUrl } of shown) {
      print += `${id}\n${publicName}\n${description}\n${photoUrl}\n`;
    }
    if (headPrint !== print) {
      headPrint = print;
      empty(people);
      empty(title);
      for (const operator of shown) {
        add(people, make('li', 'c-person', card(operator, HEAD_PORTRAIT_PX)));
        if (areHere) {
          const comma = document.createTextNode(title.firstChild ? ', ' : '');
          add(title, comma, written('c-name', operator.publicName));
        }
      }
    }
    if (areHere) {
      // The name of the dialog. The account may be away.
      title.removeAttribute('lang');
    } else {
      put(title, wording.text(isAvailable ? 'available' : 'away'));
    }
    title.className = areHere ? 'c-unseen' : isAvailable ? 'c-title c-available' : 'c-title';
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
    const id = idOf(answer);
    newest.hidden = isAtEnd || count === 0;
    if (answer && id !== heard) {
      if (!isFresh && isUnheard(id)) {
        stopChime();
        stopChime = later(CHIME_AFTER_MS, () => {
          if (isUnheard(id)) {
            void chime(`deskbell ${desk.server} ${desk.key} sound`);
          }
        });
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
    const words = make('span', 'c-words', written('c-name', author));
    add(words, written('c-said', (text ?? '').slice(0, LONGEST_PREVIEW)));
    add(open, portrait(author, operator?.photoUrl ?? null, PREVIEW_PORTRAIT_PX), words);
    dismiss.textContent = '×';
    name(dismiss, wording.text('dismiss').text);
    empty(preview);
    add(preview, open, dismiss);
  }

  /** Whether an answer needs a sound, and no later one has come. */
  function isUnheard(id: string): boolean {
    const isAway = !place.isOpen() || document.hidden;
    return isAway && element.hasAttribute('data-sound') && its.shown.unreadCount > 0 && id === idOf(newestAnswer());
  }

  function idOf(answer: Message | null): string {
    return answer ? `${its.shown.log.head?.id} ${answer.sequence}` : '';
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
      const wasOpen = !frame.hidden;
      const hadFocus = frame.contains(shadow.activeElement) || preview.contains(shadow.activeElement);
      frame.hidden = !isOpen;
      its.setOpen(isOpen, frame);
      if (isOpen) {
        if (!wasOpen) {
          before = document.activeElement;
        }
        resize();
        show();
        toEnd();
        // Elsewhere the focus stays. A page may open the chat when the visitor has pressed a button
        // of its own.
        if ((isByHand || navigator.userActivation?.isActive) && !(wasOpen && hadFocus)) {
          takeFocus();
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
      stopWaiting?.();
      stopHush?.();
      stopChime();
      document.removeEventListener('visibilitychange', readNewest);
      document.removeEventListener('keydown', keepInside, true);
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
