// Elements of the chat's panel. All external content is set as text, never as markup.

import type { OperatorCard } from '../availability';
import { portrait } from '../photo';
import { pieces } from './text';
import type { Text } from './texts';

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.className = className;
  add(element, ...children);
  return element;
}

export function button(className: string, press: () => void): HTMLButtonElement {
  const element = make('button', className);
  element.type = 'button';
  element.addEventListener('click', press);
  return element;
}

export function add(parent: Node, ...children: readonly Node[]): void {
  for (const child of children) {
    parent.appendChild(child);
  }
}

export function empty(parent: Node): void {
  parent.textContent = '';
}

/** Sets a text only if it differs, so that screen readers do not repeat it. */
export function say(element: HTMLElement, text: string, language: string | null = null): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
  if (language) {
    element.lang = language;
  } else {
    element.removeAttribute('lang');
  }
}

/** User-written text, isolated from the direction of the text around it. */
export function written(className: string, text: string): HTMLElement {
  const isolated = document.createElement('bdi');
  isolated.textContent = text;
  return make('span', className, isolated);
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

/** Sets a text in its language. */
export function put(element: HTMLElement, { text, language }: Text): void {
  say(element, text, text ? language : null);
}

/** Names an element for screen readers. */
export function label(element: HTMLElement, name: string): void {
  if (element.getAttribute('aria-label') !== name) {
    element.setAttribute('aria-label', name);
  }
}
