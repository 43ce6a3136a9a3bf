// Elements of the chat's panel, beside those that both files of the widget have.

import type { OperatorCard } from '../availability';
import { add, make as makeEmpty, say, written } from '../dom';
import { portrait } from '../photo';
import { pieces } from './text';

export { add, say, written };

/** An element with children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const element = makeEmpty(tag, className);
  add(element, ...children);
  return element;
}

export function button(className: string, press: () => void): HTMLButtonElement {
  const element = make('button', className);
  element.type = 'button';
  element.addEventListener('click', press);
  return element;
}

export function empty(parent: Node): void {
  parent.textContent = '';
}

/** A message as text, with its links. */
export function linked(className: string, text: string): HTMLElement {
  const bubble = make('div', className);
  bubble.dir = 'auto';
  for (const piece of pieces(text)) {
    if (piece.href) {
      const link = document.createElement('a');
      link.href = piece.href;
      link.rel = 'noopener noreferrer nofollow ugc';
      link.target = '_blank';
      link.textContent = piece.text;
      add(bubble, link);
    } else {
      add(bubble, document.createTextNode(piece.text));
    }
  }
  return bubble;
}

/** Photo, name and description of an operator. */
export function card({ publicName, description, photoUrl }: OperatorCard, side: number): HTMLElement {
  const words = make('span', 'c-words', written('c-name', publicName));
  if (description) {
    add(words, written('c-about', description));
  }
  return make('div', 'c-card', portrait(publicName, photoUrl, side), words);
}

/**
 * Shows elements in this order, and keeps those that stay in their place: what is new is announced
 * by screen readers, and only that. What is no longer wanted must be gone: all after it would be
 * inserted again.
 */
export function arrange(parent: Node, wanted: readonly Node[]): void {
  let next = parent.firstChild;
  for (const node of wanted) {
    if (node === next) {
      next = next.nextSibling;
    } else {
      parent.insertBefore(node, next);
    }
  }
}

/** Names an element for screen readers. */
export function label(element: HTMLElement, name: string): void {
  if (element.getAttribute('aria-label') !== name) {
    element.setAttribute('aria-label', name);
  }
}
