// chat.js: the chat of the widget. `widget.js` loads it when the chat is opened, or when an answer
// waits. It has no exports, because it also runs as a plain script: it leaves what it offers in the
// window.
//
// As `widget.js`, it avoids all built-ins that libraries are known to replace.

import { CHAT_SCRIPT, type ChatScript } from '../contract';
import { talking } from './chat';
import { panel } from './panel';
import { chatBrowser } from './world';

const script: ChatScript = {
  begin(desk) {
    const its = talking(chatBrowser(), desk);
    return { show: (place) => panel(place, desk, its) };
  },
};

(window as { [CHAT_SCRIPT]?: ChatScript })[CHAT_SCRIPT] = script;
