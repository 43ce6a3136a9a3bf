// Loads `chat.js`, the second file of the widget, which leaves its `ChatScript` in the window.

import { CHAT_SCRIPT, type ChatScript } from './contract';

/**
 * Tries one folder after the other, each with `import()`, which most policies allow, and then with
 * a script element, which has the nonce of the first script.
 */
export function loadChat(folders: readonly string[], nonce: string, done: (script: ChatScript | null) => void): void {
  let step = 0;
  void next();

  async function next(): Promise<void> {
    const script = (window as { [CHAT_SCRIPT]?: ChatScript })[CHAT_SCRIPT];
    const folder = folders[step >> 1];
    if (script || !folder) {
      done(script ?? null);
      return;
    }
    const url = `${folder}chat.js`;
    step += 1;
    try {
      if (step % 2) {
        await import(/* @vite-ignore */ url);
      } else {
        const element = document.createElement('script');
        element.nonce = nonce;
        element.onload = element.onerror = () => {
          element.parentNode?.removeChild(element);
          void next();
        };
        // Throws where the page requires Trusted Types.
        element.src = url;
        document.documentElement.appendChild(element);
        return;
      }
    } catch {
      // The policy of the page forbids it, or the network failed.
    }
    void next();
  }
}
