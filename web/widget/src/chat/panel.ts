// The panel of the chat at one element: header, log and composer, and outside of it the badge and
// the preview of answers.

import { type Availability, record, text as textOf } from '../availability';
import type { ChatDesk, ChatPanel, ChatPlace } from '../contract';
import { browser, type Cancel } from '../world';
import { answers } from './answers';
import type { Talking } from './chat';
import styles from './chat.css?inline';
import { composer } from './composer';
import { add, button, label, make, say } from './dom';
import { keepFocus } from './focus';
import { header } from './header';
import { history, type Wording } from './history';
import { countOf, rowsOf } from './rows';
import { dateLanguage, findText, NOTHING } from './texts';

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

const { later } = browser();

let sheet: CSSStyleSheet | null = null;

export function panel(place: ChatPlace, desk: ChatDesk, its: Talking): ChatPanel {
  const { shadow, pill, element } = place;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  const own = sheet;
  let availability: Availability | null = null;
  let isAtEnd = true;
  let couldNotEnd = false;
  /** The number of messages, and how many of the newest ones are drawn. */
  let total = 0;
  let most = ROWS;
  /** Whether the log is silent for older rows, which come, or have come. */
  let isHushed = false;
  let stopWaiting: Cancel | null = null;
  let stopHush: Cancel | null = null;
  /** Where the focus was before the chat was opened. */
  let before: Element | null = null;
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
  const head = header(wording, {
    close: () => place.setOpen(false),
    end: () => void finish(),
    opens: () => {
      couldNotEnd = false;
    },
  });
  const log = make('div', 'c-log');
  const list = make('div', 'c-list');
  const loading = make('p', 'c-event');
  const hello = make('p', 'c-hello');
  const typing = make('p', 'c-typing');
  const newest = button('c-newest', () => toEnd());
  const notice = make('p', 'c-notice');
  const write = composer(its, wording, () => toEnd());
  const { badge, preview, ...answered } = answers(place, desk, its, wording);

  root.setAttribute('data-nosnippet', '');
  frame.id = 'chat';
  frame.tabIndex = -1;
  frame.hidden = newest.hidden = true;
  frame.setAttribute('role', 'dialog');
  frame.setAttribute('aria-labelledby', head.titleId);
  log.tabIndex = 0;
  log.setAttribute('role', 'log');
  log.setAttribute('aria-live', 'polite');
  typing.setAttribute('role', 'status');
  notice.setAttribute('role', 'status');
  pill.setAttribute('aria-controls', frame.id);

  add(log, loading, list, hello);
  // Outside of the log, which announces what is new in it by itself.
  add(frame, head.element, log, newest, typing, notice, write.element);
  add(root, frame, preview);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, own];
  add(shadow, root);
  add(pill, badge);

  const draw = history(list, its, wording);

  frame.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      // Closes the menu or the panel, and not a dialog of the page as well.
      event.stopPropagation();
      event.preventDefault();
      if (!head.closeMenu(true)) {
        place.setOpen(false);
      }
    }
  });
  frame.addEventListener('click', (event) => {
    if (!head.element.contains(event.target as Node)) {
      head.closeMenu(false);
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
  const stopKeepingFocus = keepFocus(frame, shadow);
  const viewport = window.visualViewport;
  viewport?.addEventListener('resize', resize);
  viewport?.addEventListener('scroll', resize);
  show();

  async function finish(): Promise<void> {
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

    head.show(state, availability);
    if (isLoadingOlder) {
      loading.hidden = false;
    }
    const keep = isAtEnd ? toBottom : held();
    draw(rows);
    const isOver = last?.is === 'event' && state?.status === 'CLOSED';
    const waits = !isAvailable && (state?.operators.length ?? 0) === 0;
    loading.hidden = !isLoadingOlder;
    say(loading, wording.text('earlier'));
    const isLeft = last?.is === 'message' && last.isOwn;
    hello.hidden = rows.length > 0 && !isOver && !(waits && isLeft);
    say(hello, wording.text(waits ? (isLeft ? 'later' : 'leave') : isOver ? 'again' : 'hello'));
    hello.className = rows.length > 0 ? 'c-hello c-below' : 'c-hello';
    const someone = state?.operators.length === 1 ? state.operators[0]?.publicName : null;
    const isTyping = isConnected && state?.isOperatorTyping && state.status !== 'CLOSED';
    say(typing, isTyping ? wording.text(someone ? 'typing' : 'someone-typing', someone ?? '') : NOTHING);
    couldNotEnd &&= state !== null && state.status !== 'CLOSED';
    const trouble = !isConnected ? 'offline' : couldNotEnd ? 'not-ended' : isLasting ? null : 'unsaved';
    say(notice, trouble ? wording.text(trouble) : NOTHING);
    notice.hidden = trouble === null;
    say(newest, wording.text('newest'));
    write.show(waits && !state?.email, textOf(record(desk.visitor()).email) ?? '');

    label(log, wording.text('messages').text);

    keep();
    endSilence(isOlder);
    head.showScroll();
    newest.hidden = answered.show(place.isOpen() && !document.hidden && isAtEnd) === 0 || isAtEnd;
    readNewest();
    if (!isLoadingOlder) {
      showOlder();
    }
  }

  function keyOfFirst(): string {
    const talk = its.shown.log.talks[0];
    return talk ? `${talk.id} ${talk.messages[0]?.sequence}` : '';
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
      answered.leave();
      document.removeEventListener('visibilitychange', readNewest);
      stopKeepingFocus();
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
