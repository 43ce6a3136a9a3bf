// The chat of a widget as visitors see it. Its shadow tree is closed to scripts of the page, so it
// is read in a world of its own, with built-ins that the page cannot replace, and used by mouse
// position and keyboard. Unlike chat.mjs, this reads every widget of a page or frame, and also
// where its parts are, and what screen readers announce.
import { check, until } from '../../clients/check.mjs';
import { shadowsOf } from './widget.mjs';

/** Connections to the browser, by page or frame. */
const sessions = new WeakMap();

/** The contents of all chats on a page, in document order. Null where there is only a pill. */
export function chats(target) {
  return until(() => readAll(target), Boolean, 'a chat that stands still while it is read');
}

/** The contents of the only chat on a page. */
export async function chat(target) {
  const [only, ...more] = await chats(target);
  check(more.length === 0, 'there are several widgets');
  return only ?? null;
}

/** Waits until the chat `isRight`. */
export const chatIs = (target, isRight, what, deadlineMs) =>
  until(
    () => chat(target),
    (shown) => shown !== null && isRight(shown),
    what,
    deadlineMs,
  );

/** Waits for a message with this text. */
export const chatHas = (target, text, deadlineMs) =>
  chatIs(target, ({ rows }) => rows.some((row) => row.text === text), `the message ${JSON.stringify(text)}`, deadlineMs);

/** Clicks a part of the chat, by its name in `boxes`. `page` has the mouse. */
export async function clickOn(target, part, { page = target, isTap = false } = {}) {
  const box = (await chatIs(target, ({ boxes }) => boxes[part], `the part ${part}`)).boxes[part];
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await (isTap ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
}

/** Opens the chat, and waits for the composer. */
export async function openChat(target, options) {
  await clickOn(target, 'pill', options);
  return chatIs(target, ({ isOpen }) => isOpen, 'the open chat');
}

/** Writes a text key by key into the composer, and sends it with Enter. */
export async function writes(target, text, { page = target } = {}) {
  await clickOn(target, 'text', { page });
  await page.keyboard.type(text);
  await chatIs(target, ({ draft }) => draft === text, `the draft ${JSON.stringify(text)}`);
  await page.keyboard.press('Enter');
  return chatHas(target, text);
}

/** The conversation whose newest message has this text. */
export function conversationOf(acme, text) {
  const find = async () => {
    const { account } = await acme.acts(
      '{ account { conversations(first: 100) { nodes { id status lastMessage { text } visitor { name email } } } } }',
    );
    return account.conversations.nodes.find(({ lastMessage }) => lastMessage?.text === text);
  };
  return until(find, Boolean, `a conversation with ${JSON.stringify(text)}`);
}

/** Switches the chat of an account on or off. */
export function switchChat(acme, isChatEnabled) {
  return acme.acts(
    'mutation Switch($input: UpdateAccountInput!) { updateAccount(input: $input) { userErrors { message } } }',
    { isChatEnabled },
  );
}

/** Writes, and gets an answer. Returns the conversation. */
export async function talks(target, acme, { page = target, word = 'Hello', answer = 'Good morning' } = {}) {
  await writes(target, word, { page });
  const its = await conversationOf(acme, word);
  await acme.send(its, answer);
  await chatHas(target, answer);
  return its;
}

async function sessionOf(target) {
  if (!sessions.has(target)) {
    const context = target.context?.() ?? target.page().context();
    sessions.set(target, await context.newCDPSession(target));
  }
  return sessions.get(target);
}

/** Null if the page changed while it was read. */
async function readAll(target) {
  const session = await sessionOf(target);
  try {
    const { frameTree } = await session.send('Page.getFrameTree');
    const shadows = await shadowsOf(session);
    const { executionContextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
      worldName: 'reader',
    });
    const found = [];
    for (const { backendNodeId } of shadows) {
      const { object } = await session.send('DOM.resolveNode', { backendNodeId, executionContextId });
      const { result, exceptionDetails } = await session.send('Runtime.callFunctionOn', {
        objectId: object.objectId,
        functionDeclaration: `${readOne}`,
        returnByValue: true,
      });
      check(!exceptionDetails, `the chat cannot be read: ${exceptionDetails?.exception?.description}`);
      found.push(result.value);
    }
    return found;
  } catch (error) {
    if (/node|context|frame|navigat/i.test(error.message) && !/cannot be read/.test(error.message)) {
      return null;
    }
    throw error;
  }
}

/** Runs in the page, with the shadow root as `this`. */
function readOne() {
  const root = this;
  const one = (selector) => root.querySelector(selector);
  const isShown = (element) => (element?.getClientRects().length ?? 0) > 0;
  const textOf = (element) => (isShown(element) ? element.textContent : null);
  const boxOf = (element) => {
    if (!isShown(element)) {
      return null;
    }
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  };
  const parts = {
    pill: '.pill',
    panel: '.c-panel',
    head: '.c-head',
    more: '.c-head > .c-icon',
    close: '.c-head > .c-icon + .c-icon',
    end: '.c-item',
    log: '.c-log',
    newest: '.c-newest',
    text: '.c-text',
    email: '.c-email',
    send: '.c-send',
    preview: '.c-open',
    dismiss: '.c-preview .c-icon',
    composer: '.c-composer',
  };
  // What screen readers announce: what is new in the log since it was first read.
  const heard = one('.c-log');
  if (heard && !heard.readerNews) {
    heard.readerNews = [];
    new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        for (const node of addedNodes) {
          const element = node.nodeType === 1 ? node : node.parentElement;
          if (heard.contains(element) && !element.closest('[aria-live="off"]') && node.textContent) {
            heard.readerNews.push(wordsOf(node));
          }
        }
      }
    }).observe(heard, { childList: true, subtree: true });
  }
  function wordsOf(node) {
    if (node.nodeType !== 1) {
      return node.textContent;
    }
    const isSilent = node.getAttribute('aria-live') === 'off' || node.getAttribute('aria-hidden') === 'true';
    return isSilent ? '' : [...node.childNodes].map(wordsOf).filter(Boolean).join(' ');
  }
  const rowOf = (row) => ({
    is: row.className.split(' ').find((name) => /^c-(day|event|joined|own|theirs)$/.test(name))?.slice(2),
    text: (row.querySelector('.c-bubble') ?? row.querySelector('.c-happened') ?? row).textContent,
    name: row.querySelector('.c-name')?.textContent ?? null,
    about: row.querySelector('.c-about')?.textContent ?? null,
    mark: row.querySelector('.c-mark')?.textContent ?? null,
    problem: row.querySelector('.c-problem > span')?.textContent ?? null,
    links: [...row.querySelectorAll('a')].map(({ href, rel, target, textContent }) => ({
      href,
      rel,
      target,
      text: textContent,
    })),
    elements: [...row.querySelectorAll('*')].map(({ localName }) => localName),
  });
  /** The first message in sight, and its distance to the top of the log. */
  function readingIn(log) {
    const top = log?.getBoundingClientRect().top;
    const row = [...root.querySelectorAll('.c-row')].find((each) => each.getBoundingClientRect().top >= top);
    return row ? { text: rowOf(row).text, from: Math.round(row.getBoundingClientRect().top - top) } : null;
  }
  const text = one('.c-text');
  const log = one('.c-log');
  const focused = root.activeElement;
  return {
    hasChat: one('.c-root') !== null,
    isOpen: isShown(one('.c-panel')),
    /** Whether the panel of `widget.js` is open instead. */
    isPlain: isShown(one('.panel')),
    pill: textOf(one('.says')),
    title: one('#c-title')?.textContent ?? null,
    people: [...root.querySelectorAll('.c-person')].map((item) =>
      [...item.querySelectorAll('.c-name, .c-about')].map(({ textContent }) => textContent),
    ),
    rows: [...root.querySelectorAll('.c-list > div')].map(rowOf),
    hello: textOf(one('.c-hello')),
    typing: textOf(one('.c-typing')),
    notice: textOf(one('.c-notice')),
    fault: textOf(one('.c-line + .c-fault, .c-contact + .c-fault')),
    emailFault: textOf(one('#c-email-fault')),
    badge: textOf(one('.c-badge')),
    preview: textOf(one('.c-said')),
    draft: text?.value ?? null,
    isAtEnd: log ? log.scrollHeight - log.scrollTop - log.clientHeight < 2 : null,
    role: log?.getAttribute('role') ?? null,
    reading: readingIn(log),
    news: heard?.readerNews ?? [],
    motion: one('.c-panel') ? getComputedStyle(one('.c-panel')).animationName : null,
    overflow: [...root.querySelectorAll('.c-panel, .c-log, .c-head, .c-composer')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ className }) => className),
    focus: Object.keys(parts).find((name) => focused && one(parts[name]) === focused) ?? focused?.className ?? null,
    fontSize: text && isShown(text) ? getComputedStyle(text).fontSize : null,
    /** All texts that a visitor can see or hear, except for what people have written. */
    words: [...root.querySelectorAll('*')].flatMap((element) => {
      const isWritten = element.closest('.c-bubble, .c-name, .c-about, .c-said, .name, .about, .portrait, .c-email, time');
      const own = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data);
      const named = ['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name));
      return isWritten || !isShown(element) ? [] : [...own, ...named].filter((word) => word?.trim());
    }),
    lang: one('.c-send')?.lang ?? null,
    boxes: Object.fromEntries(Object.entries(parts).map(([name, selector]) => [name, boxOf(one(selector))])),
  };
}
