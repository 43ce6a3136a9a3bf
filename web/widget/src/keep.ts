// Keeps the script's element in a page that swaps its body without a load: Turbo, Turbolinks, view
// transitions, `innerHTML`. The same element is moved into the new body in the same task, so its
// connection, its state and an open panel are kept.
//
// The body counts as swapped if it is another element, or if none of its previous content is left.
// An element that the page removes alone, or that was the only content, is not put back.

/**
 * Moves `element` from page to page. `put` adds it to the page, and returns whether it did: the
 * page can have its own element for the same key.
 */
export function keep(element: Element, put: () => boolean): void {
  let body: HTMLElement | null = document.body;
  /** Whether the page has its own element for the key: `element` waits for the next page. */
  let isWaiting = false;
  const observer = new MutationObserver(look);
  // A morph removes everything that the new page does not have.
  element.addEventListener('turbo:before-morph-element', (event) => event.preventDefault());
  follow();

  function follow(): void {
    body = document.body;
    observer.disconnect();
    const places: (Node | null)[] = [document, document.documentElement, body];
    for (const place of places) {
      if (place) {
        observer.observe(place, { childList: true });
      }
    }
  }

  function look(records: MutationRecord[]): void {
    if (element.isConnected) {
      isWaiting = false;
      // Pages add and remove dialogs and similar elements all the time.
      if (document.body !== body) {
        follow();
      }
    } else if (isSwapped(records)) {
      // Temporarily, there may be no body.
      isWaiting = !document.body || !put();
      follow();
    } else if (!isWaiting) {
      observer.disconnect();
    }
  }

  function isSwapped(records: MutationRecord[]): boolean {
    if (!body || document.body !== body) {
      return isWaiting || !body || body.contains(element);
    }
    return isEmptied(body, records);
  }

  /**
   * Whether all content has left the body. Content that is there now was added at the same time.
   */
  function isEmptied(emptied: Element, records: MutationRecord[]): boolean {
    const came: Node[] = [];
    let hasOthers = false;
    for (const { target, addedNodes, removedNodes } of records) {
      if (target === emptied) {
        for (const node of addedNodes) {
          came.push(node);
        }
        for (const node of removedNodes) {
          hasOthers ||= !node.contains(element);
        }
      }
    }
    for (let child = emptied.firstElementChild; child; child = child.nextElementSibling) {
      let isNew = false;
      for (const node of came) {
        isNew ||= node === child;
      }
      if (!isNew) {
        return false;
      }
    }
    // The body was emptied before: the element was its only content.
    return hasOthers || came.length > 0;
  }
}
