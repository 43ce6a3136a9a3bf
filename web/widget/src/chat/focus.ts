// Keeps the focus inside a panel that covers the page: it does not go to what is covered.

import type { Cancel } from '../world';

/** `frame` covers the page while it has `aria-modal`. */
export function keepFocus(frame: HTMLElement, shadow: ShadowRoot): Cancel {
  const keepInside = (event: KeyboardEvent): void => {
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
  };
  // Before the composer, which keeps its keys to itself.
  document.addEventListener('keydown', keepInside, true);
  return () => document.removeEventListener('keydown', keepInside, true);
}
