// The element <deskbell-widget>. It subscribes to its key while it is in the page. Its attributes
// can change at any time.

import type { Guest } from './chatDesk';
import type { Feed } from './feed';
import type { Known } from './keyState';
import look from './look.css?inline';
import { findText, textAttributes } from './texts';
import { view } from './view';
import { type Cancel, noop } from './world';

export const TAG = 'deskbell-widget';

/** The interface to the page that the elements are in. */
export interface Page {
  /** The feed of the server that an element names, else of the script's server. */
  feed(server: string | null): Feed;
  /** Registers the key of an element in the page. */
  introduce(key: string, server: string | null): void;
}

const NOTHING: Known = { availability: null, wasKnown: false, isFound: true };

/**
 * The widget key in an element's attributes, without surrounding white space; empty if there is
 * none.
 */
export function keyOf({ dataset }: HTMLOrSVGElement): string {
  return (dataset.key ?? '').replace(/^\s+|\s+$/g, '');
}

/** Creates the class of the elements. They share one stylesheet. */
export function widgetElement(page: Page): CustomElementConstructor {
  // Not a <style> element, which the page's policy would have to allow.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(look);

  return class extends HTMLElement {
    static readonly observedAttributes = observed();

    #shadow = closedRoot(this, sheet);
    #known = NOTHING;
    #isChatEnabled = false;
    #look: (isOpening?: boolean) => void = noop;
    #stop: Cancel = noop;
    #wasHere = false;
    #view = view(this.#shadow, () => {
      this.#look(true);
      return this.#guest.isChatOn();
    });
    #guest: Guest = {
      element: this,
      shadow: this.#shadow,
      pill: this.#view.pill,
      language: () => language(this),
      isOpen: this.#view.isOpen,
      setOpen: this.#view.setOpen,
      isChatOn: () => this.#isChatEnabled && this.getAttribute('data-chat') !== 'off',
      settle: this.#view.settle,
    };

    connectedCallback(): void {
      // Only once: a panel that the visitor closed stays closed on the next page of the site.
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
      this.#stop = this.#look = noop;
      this.#known = NOTHING;
      this.#isChatEnabled = false;
      this.#show();
      const key = keyOf(this);
      if (key) {
        const server = this.getAttribute('data-server');
        page.introduce(key, server);
        const feed = page.feed(server);
        const desk = feed.desk(key);
        const leave = desk.enter(this.#guest);
        this.#look = desk.look;
        const stop = feed.watch(key, (known) => {
          this.#known = known;
          // While the state is unknown, the chat goes on.
          this.#isChatEnabled = known.availability?.isChatEnabled ?? this.#isChatEnabled;
          this.#show();
        });
        this.#stop = () => {
          stop();
          leave();
        };
      }
    }

    #show(): void {
      this.#look();
      // A hidden element fetches no photos.
      if (!this.hidden && !this.hasAttribute('data-hidden')) {
        this.#view.show(this.#known, (name) => findText(name, language(this), (own) => this.getAttribute(own)));
      }
    }
  };
}

function observed(): string[] {
  return ['data-key', 'data-server', 'data-chat', 'data-lang', 'data-hidden', 'hidden', ...textAttributes()];
}

/**
 * Pages configure the element by attributes and custom properties. Their styles and scripts cannot
 * reach the closed shadow tree.
 */
function closedRoot(element: HTMLElement, sheet: CSSStyleSheet): ShadowRoot {
  const root = element.attachShadow({ mode: 'closed' });
  root.adoptedStyleSheets = [sheet];
  return root;
}

/** The language of the element's attribute, else of the page around it, else of the browser. */
function language(element: HTMLElement): string {
  let own = element.getAttribute('data-lang');
  for (let around: Element | null = element; !own && around; around = around.parentElement) {
    own = around.getAttribute('lang');
  }
  return own || navigator.language || 'en';
}
