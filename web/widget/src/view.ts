// The view of a widget: a pill with the availability, and a panel with the operators, unless
// `chat.js` brings its own. All external content is set as text, never as markup.

import type { OperatorCard } from './availability';
import type { ChatPanel } from './contract';
import { add, fill, make, say, written } from './dom';
import type { Known } from './keyState';
import { portrait } from './photo';
import type { Text, TextName } from './texts';

const PILL_PORTRAIT_PX = 28;
const PANEL_PORTRAIT_PX = 44;

export interface View {
  show(known: Known, text: (name: TextName) => Text): void;
  isOpen(): boolean;
  /** `isByHand`: the visitor has opened or closed it. */
  setOpen(isOpen: boolean, isByHand?: boolean): void;
  /** Another panel replaces the own one. Null: there is none. */
  settle(panel: ChatPanel | null): void;
  readonly pill: HTMLElement;
}

/** `opens` is called before the panel opens, and returns whether another panel is about to come. */
export function view(shadow: ShadowRoot, opens: () => boolean): View {
  const root = make('section', 'root');
  const pill = make('button', 'pill');
  const faces = make('span', 'faces');
  const dot = make('span', 'dot');
  const says = make('span', 'says');
  const panel = make('div', 'panel');
  const top = make('div', 'top');
  const heading = make('h2', 'heading');
  const close = make('button', 'close');
  const note = make('p', 'note');
  const people = make('ul', 'people');
  const news = make('p', 'news');
  let said = '';
  let isOpen = false;
  let chat: ChatPanel | null = null;
  let isAwaiting = false;
  /** Whether the visitor has opened it, and `chat.js` does not have that yet. */
  let isByHand = false;

  root.hidden = true;
  pill.type = close.type = 'button';
  panel.id = 'panel';
  pill.setAttribute('aria-controls', panel.id);
  close.textContent = '×';
  // Safari ignores the role of a list without bullets.
  people.setAttribute('role', 'list');
  news.setAttribute('role', 'status');
  setOpen(false);

  fill(top, heading, close);
  fill(panel, top, note, people);
  // The panel follows the pill in the tab order, wherever it is on the screen.
  fill(root, pill, panel, news);
  fill(shadow, root);

  pill.addEventListener('click', () => setOpen(!isOpen, true));
  close.addEventListener('click', dismiss);
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen) {
      // Escape closes the panel, and not a dialog or a popover of the page as well.
      event.stopPropagation();
      event.preventDefault();
      dismiss();
    }
  });

  function setOpen(next: boolean, isBy = false): void {
    isOpen = next;
    isByHand = isBy;
    isAwaiting = isOpen && opens() && !chat;
    settled();
  }

  function settled(): void {
    panel.hidden = !isOpen || isAwaiting || chat !== null;
    pill.setAttribute('aria-expanded', `${isOpen}`);
    chat?.opened(isOpen, isByHand);
    isByHand &&= isAwaiting;
  }

  function dismiss(): void {
    setOpen(false, true);
    pill.focus();
  }

  return {
    isOpen: () => isOpen,
    setOpen,
    settle(next) {
      isAwaiting = false;
      chat = next;
      settled();
    },
    pill,
    show({ availability, wasKnown, isFound }, text) {
      const isAvailable = availability?.isAvailable === true;
      const operators = isAvailable ? availability.operators : [];
      root.hidden = !wasKnown || !isFound;
      root.className = isAvailable ? 'root available' : 'root';
      root.setAttribute('aria-label', text('label').text);
      close.setAttribute('aria-label', text('close').text);
      say(says, text(isAvailable ? 'available' : 'away'));
      say(heading, text(isAvailable ? 'heading' : 'away'));
      say(note, text(availability ? 'nobody' : 'unknown'));
      note.hidden = isAvailable;
      fill(faces);
      fill(people);
      for (const operator of operators) {
        faces.appendChild(portrait(operator.publicName, operator.photoUrl, PILL_PORTRAIT_PX));
        people.appendChild(person(operator));
      }
      // Re-insert all own children, even unchanged ones: new elements do not count as a layout
      // shift of the page.
      add(pill, faces, dot, says);
      people.hidden = !isAvailable;
      announce();
    },
  };

  /** Announces a change to screen readers. The initial state is not announced. */
  function announce(): void {
    const now = says.textContent ?? '';
    if (said !== '' && said !== now && !root.hidden) {
      news.textContent = now;
      news.lang = says.lang;
    }
    said = root.hidden ? '' : now;
  }
}

function person({ publicName, description, photoUrl }: OperatorCard): HTMLElement {
  const item = make('li', 'person');
  const words = make('span', 'words');
  fill(item, portrait(publicName, photoUrl, PANEL_PORTRAIT_PX), words);
  fill(words, written('name', publicName));
  if (description) {
    words.appendChild(written('about', description));
  }
  return item;
}
