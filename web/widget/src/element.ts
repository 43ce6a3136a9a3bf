// <deskbell-widget>, the element. It watches its key for as long as it is in the page; its attributes may change at any
// time.

import type { Feed } from './feed';
import look from './look.css?inline';
import { findText, textAttribute, textNames } from './texts';
import type { Known } from './topic';
import { view } from './view';
import { type Cancel, nothing } from './world';

export const TAG = 'deskbell-widget';

/** What elements need of the page that they are on. */
export interface Page {
  /** The feed of the server that an element names, or of the script's own. */
  feed(server: string | null): Feed;
  /** An element with this key is in the page. */
  introduce(key: string, server: string | null): void;
}

const NOTHING: Known = { availability: null, wasKnown: false, isFound: true };

/** The widget key in an element's attributes, without what came along when it was pasted; empty when there is none. */
export function keyOf({ dataset }: HTMLOrSVGElement): string {
  return (dataset.key ?? '').replace(/^\s+|\s+$/g, '');
}

/** Makes the class of the elements, which share one stylesheet. */
export function widgetElement(page: Page): CustomElementConstructor {
  // Not a <style>, which the page's policy would have to allow.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(look);

  return class extends HTMLElement {
    static readonly observedAttributes = observed();

    #view = view(closedRoot(this, sheet));
    #known = NOTHING;
    #stop: Cancel = nothing;
    #wasHere = false;

    connectedCallback(): void {
      // Only once: what the visitor closed stays closed on the page's next page.
      if (!this.#wasHere && this.hasAttribute('data-open')) {
        this.#view.setOpen(true);
      }
      this.#wasHere = true;
      this.#watch();
    }

    disconnectedCallback(): void {
      this.#stop();
    }

    attributeChangedCallback(name: string, before: string | null, after: string | null): void {
      if (!this.isConnected || before === after) {
        return;
      }
      if (name === 'data-key' || name === 'data-server') {
        this.#watch();
      } else {
        this.#show();
      }
    }

    #watch(): void {
      this.#stop();
      this.#stop = nothing;
      this.#known = NOTHING;
      this.#show();
      const key = keyOf(this);
      if (key) {
        const server = this.getAttribute('data-server');
        page.introduce(key, server);
        this.#stop = page.feed(server).watch(key, (known) => {
          this.#known = known;
          this.#show();
        });
      }
    }

    #show(): void {
      // What nobody sees fetches no photos.
      if (!this.hidden && !this.hasAttribute('data-hidden')) {
        this.#view.show(this.#known, (name) => findText(name, language(this), (own) => this.getAttribute(own)));
      }
    }
  };
}

function observed(): string[] {
  const names = ['data-key', 'data-server', 'data-lang', 'data-hidden', 'hidden'];
  for (const name of textNames) {
    names.push(textAttribute(name));
  }
  return names;
}

/**
 * The way in is the element's attributes and custom properties: neither the page's styles nor its scripts reach the
 * inside.
 */
function closedRoot(element: HTMLElement, sheet: CSSStyleSheet): ShadowRoot {
  const root = element.attachShadow({ mode: 'closed' });
  root.adoptedStyleSheets = [sheet];
  return root;
}

/** What the element asks for, or what the page around it is written in, or what the visitor reads. */
function language(element: HTMLElement): string {
  let own = element.getAttribute('data-lang');
  for (let around: Element | null = element; !own && around; around = around.parentElement) {
    own = around.getAttribute('lang');
  }
  return own || navigator.language || 'en';
}
