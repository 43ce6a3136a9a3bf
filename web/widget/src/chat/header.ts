// The header of the panel: who is there, the menu, and the button that closes the panel.

import type { Availability, OperatorCard } from '../availability';
import { add, button, card, empty, label, make, say, written } from './dom';
import type { Wording } from './history';
import type { Head } from './log';

const PORTRAIT_PX = 36;

export interface Header {
  readonly element: HTMLElement;
  /** The id of the element that names the panel. */
  readonly titleId: string;
  show(state: Head | null, availability: Availability | null): void;
  /** To be called when the height of the panel may have changed. */
  showScroll(): void;
  /** Closes the menu. Returns false if it was closed. `movesFocus`: back to the menu's button. */
  closeMenu(movesFocus: boolean): boolean;
}

/** `opens`: the visitor opens the menu. */
export function header(wording: Wording, act: { close(): void; end(): void; opens(): void }): Header {
  const element = make('div', 'c-head');
  const title = make('h2', 'c-title');
  const people = make('ul', 'c-people');
  const more = button('c-icon', () => setMenu(menu.hidden === true));
  const close = button('c-icon', act.close);
  const menu = make('div', 'c-menu');
  const end = button('c-item', () => {
    setMenu(false);
    act.end();
  });
  /** What is shown. */
  let print = '';

  title.id = 'c-title';
  people.setAttribute('role', 'list');
  menu.id = 'c-menu';
  more.textContent = '⋯';
  more.setAttribute('aria-controls', menu.id);
  close.textContent = '×';
  add(menu, end);
  add(element, make('div', 'c-who', title, people), more, close, menu);
  setMenu(false);

  function setMenu(isOpen: boolean): void {
    menu.hidden = !isOpen;
    more.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) {
      act.opens();
      end.focus();
    }
  }

  function showPeople(operators: readonly OperatorCard[], availability: Availability | null): void {
    const isAvailable = availability?.isAvailable === true;
    const shown = operators.length > 0 ? operators : isAvailable ? availability.operators : [];
    const areHere = operators.length > 0;
    let next = `${areHere}\n`;
    for (const { id, publicName, description, photoUrl } of shown) {
      next += `${id}\n${publicName}\n${description}\n${photoUrl}\n`;
    }
    if (print !== next) {
      print = next;
      empty(people);
      empty(title);
      for (const operator of shown) {
        add(people, make('li', 'c-person', card(operator, PORTRAIT_PX)));
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
      say(title, wording.text(isAvailable ? 'available' : 'away'));
    }
    title.className = areHere ? 'c-unseen' : isAvailable ? 'c-title c-available' : 'c-title';
    people.hidden = shown.length === 0;
  }

  /** What can be scrolled can be scrolled with the keyboard. */
  function showScroll(): void {
    const tabIndex = people.scrollHeight > people.clientHeight ? 0 : -1;
    if (people.tabIndex !== tabIndex) {
      people.tabIndex = tabIndex;
    }
  }

  return {
    element,
    titleId: title.id,
    show(state, availability) {
      showPeople(state?.status === 'CLOSED' ? [] : (state?.operators ?? []), availability);
      more.hidden = !state || state.status === 'CLOSED';
      if (more.hidden) {
        setMenu(false);
      }
      say(end, wording.text('end'));
      label(more, wording.text('more').text);
      label(close, wording.text('close').text);
    },
    showScroll,
    closeMenu(movesFocus) {
      if (menu.hidden) {
        return false;
      }
      setMenu(false);
      if (movesFocus) {
        more.focus();
      }
      return true;
    },
  };
}
