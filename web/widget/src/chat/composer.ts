// Where the visitor writes: the text, and the e-mail address where no operator is available.

import type { Talking } from './chat';
import { add, button, make, say } from './dom';
import type { Wording } from './history';
import { clean, isWritten, LONGEST_TEXT, lengthOf } from './text';
import { NOTHING } from './texts';

/** Characters left from which on they are counted for the visitor. */
const COUNTED_FROM = 200;
/** The text grows up to this height, in px. */
const HIGHEST_PX = 120;

interface Composer {
  readonly element: HTMLElement;
  focus(): void;
  /** `asksForEmail`: no operator is available, and no address is known. */
  show(asksForEmail: boolean, prefill: string): void;
}

export function composer(its: Talking, wording: Wording, sent: () => void): Composer {
  // Not a <form>: a frame with a sandbox can forbid to submit forms.
  const element = make('div', 'c-composer');
  const contact = make('div', 'c-contact');
  const emailLabel = make('label', 'c-label');
  const email = make('input', 'c-email');
  const emailFault = make('p', 'c-fault');
  const line = make('div', 'c-line');
  const text = make('textarea', 'c-text');
  const send = button('c-send', submit);
  const fault = make('p', 'c-fault');
  const { draft } = its;

  email.type = 'email';
  email.id = 'c-email';
  email.autocomplete = 'email';
  email.maxLength = 254;
  emailLabel.htmlFor = email.id;
  emailFault.id = 'c-email-fault';
  email.setAttribute('aria-describedby', emailFault.id);
  emailFault.hidden = true;
  contact.hidden = true;
  text.rows = 1;
  text.value = draft.text;
  text.id = 'c-text';
  fault.id = 'c-fault';
  fault.setAttribute('role', 'status');
  text.setAttribute('aria-describedby', fault.id);
  add(contact, emailLabel, email, emailFault);
  add(line, text, send);
  add(element, contact, fault, line);

  // Scripts of the page that listen for keys are not for what is written here.
  for (const event of ['keydown', 'keyup', 'keypress', 'input'] as const) {
    element.addEventListener(event, (its) => {
      if (!(its instanceof KeyboardEvent) || its.key !== 'Escape') {
        its.stopPropagation();
      }
    });
  }
  text.addEventListener('keydown', (event) => {
    // On phones, Enter begins a line, and the button sends. 229: an input method is composing.
    const isPlain = event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
    if (isPlain && !matchMedia('(pointer: coarse)').matches) {
      event.preventDefault();
      submit();
    }
  });
  text.addEventListener('input', () => {
    draft.text = text.value;
    resize();
    its.setTyping(isWritten(text.value));
  });
  email.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  text.addEventListener('blur', () => its.setTyping(false));
  email.addEventListener('input', () => {
    draft.email = email.value;
    markEmail(false);
  });

  function markEmail(isWrong: boolean): void {
    emailFault.hidden = !isWrong;
    email.setAttribute('aria-invalid', String(isWrong));
  }

  function submit(): void {
    const written = clean(text.value);
    if (!isWritten(written) || lengthOf(written) > LONGEST_TEXT) {
      text.focus();
      return;
    }
    const address = contact.hidden ? '' : addressOf(email.value);
    if (address !== '' && (!email.validity.valid || address === its.shown.refusedEmail)) {
      markEmail(true);
      email.focus();
      return;
    }
    its.send(written, contact.hidden ? undefined : address || null);
    text.value = draft.text = '';
    resize();
    text.focus();
    sent();
  }

  /** Grows with the text, and counts what is too much. */
  function resize(): void {
    text.style.height = 'auto';
    text.style.height = `${Math.min(text.scrollHeight, HIGHEST_PX)}px`;
    const left = LONGEST_TEXT - (text.value.length < LONGEST_TEXT - COUNTED_FROM ? 0 : lengthOf(clean(text.value)));
    const isTooLong = left < 0;
    text.setAttribute('aria-invalid', String(isTooLong));
    say(fault, isTooLong ? wording.text('too-long', String(-left)) : NOTHING);
  }

  return {
    element,
    focus: () => text.focus(),
    show(asksForEmail, prefill) {
      say(emailLabel, wording.text('email'));
      say(emailFault, wording.text('email-wrong'));
      say(send, wording.text('send'));
      text.placeholder = wording.text('write').text;
      text.setAttribute('aria-label', wording.text('write').text);
      // Not taken away while the visitor fills it in.
      const isInUse = (email.getRootNode() as ShadowRoot).activeElement === email;
      contact.hidden = !asksForEmail && !isInUse;
      const address = draft.email ?? prefill;
      if (email.value !== address) {
        email.value = address;
        markEmail(false);
      }
      if (address !== '' && addressOf(address) === its.shown.refusedEmail) {
        // Browsers take some addresses that the server does not.
        markEmail(true);
      }
      if (text.value !== draft.text) {
        // The visitor's data was deleted.
        text.value = draft.text;
        resize();
      } else if (draft.text !== '') {
        resize();
      }
    },
  };
}

function addressOf(typed: string): string {
  return clean(typed).replace(/^\s+|\s+$/g, '');
}
