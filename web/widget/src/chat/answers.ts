// Answers that the visitor has not read: the badge on the pill, a preview of the newest one, and a
// sound.

import type { ChatDesk, ChatPlace } from '../contract';
import { portrait } from '../photo';
import { browser, noop } from '../world';
import type { Talking } from './chat';
import { add, button, empty, label, make, written } from './dom';
import type { Wording } from './history';
import { latest, type Message } from './log';
import { chime } from './sound';

const PORTRAIT_PX = 28;
/** An answer that was read somewhere within this time needs no sound. */
const CHIME_AFTER_MS = 1_000;
const LONGEST_PREVIEW = 200;

const { later } = browser();

export interface Answers {
  readonly badge: HTMLElement;
  readonly preview: HTMLElement;
  /** `isSeen`: the visitor looks at the newest messages. Returns the number on the badge. */
  show(isSeen: boolean): number;
  leave(): void;
}

export function answers(place: ChatPlace, desk: ChatDesk, its: Talking, wording: Wording): Answers {
  const { pill, element } = place;
  const preview = make('div', 'c-preview');
  const badge = make('span', 'c-badge');
  let isFresh = true;
  /** The newest answer that was announced by sound, dismissed, or is in the preview. */
  let heard = '';
  let dismissed = '';
  let previewed = '';
  let stopChime = noop;

  preview.hidden = badge.hidden = true;
  badge.setAttribute('role', 'img');

  function show(isSeen: boolean): number {
    const { head: state } = its.shown.log;
    const count = isSeen ? 0 : its.shown.unreadCount;
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? '99+' : String(count);
    label(badge, wording.text('unread', String(count)).text);
    const answer = newestAnswer();
    const id = idOf(answer);
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
    return count;
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
    add(open, portrait(author, operator?.photoUrl ?? null, PORTRAIT_PX), words);
    dismiss.textContent = '×';
    label(dismiss, wording.text('dismiss').text);
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

  return { badge, preview, show, leave: () => stopChime() };
}
