// Elements of both files of the widget. All external content is set as text, never as markup.

import type { Text } from './texts';

/** User-written text, isolated from the direction of the text around it. */
export function written(className: string, text: string): HTMLElement {
  const line = make('span', className);
  const isolated = document.createElement('bdi');
  isolated.textContent = text;
  line.appendChild(isolated);
  return line;
}

/** Sets a text only if it differs, so that screen readers do not repeat it. */
export function say(element: HTMLElement, { text, language }: Text): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
  if (language) {
    element.lang = language;
  } else {
    element.removeAttribute('lang');
  }
}

/** Replaces all children. */
export function fill(parent: ParentNode & Node, ...children: readonly Node[]): void {
  parent.textContent = '';
  add(parent, ...children);
}

/** Adds children at the end, or moves them there. */
export function add(parent: Node, ...children: readonly Node[]): void {
  for (const child of children) {
    parent.appendChild(child);
  }
}

export function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className: string): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
