// The chat as visitors see it. The shadow tree is closed to scripts of the page: here the browser's
// debugger reads it, in a world of its own, so that what the page does to built-ins has no effect.
// Actions are clicks at positions on the screen, and keys.
import { check, until } from '../../clients/check.mjs';
import { widget } from './widget.mjs';

const WORLD = 'deskbell-stories';
/** One debugger session per page. */
const sessions = new WeakMap();

function sessionOf(page) {
  if (!sessions.has(page)) {
    sessions.set(page, page.context().newCDPSession(page));
  }
  return sessions.get(page);
}

/** Runs a function in the page, with the shadow root of its only widget. Null: there is none. */
async function inside(page, run, ...args) {
  const session = await sessionOf(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
    worldName: WORLD,
  });
  const { result: host } = await session.send('Runtime.evaluate', {
    expression: 'document.querySelector("deskbell-widget")',
    contextId: executionContextId,
  });
  if (!host.objectId) {
    return null;
  }
  const { node } = await session.send('DOM.describeNode', { objectId: host.objectId, depth: 1, pierce: true });
  const { object } = await session.send('DOM.resolveNode', {
    backendNodeId: node.shadowRoots[0].backendNodeId,
    executionContextId,
  });
  const { result, exceptionDetails } = await session.send('Runtime.callFunctionOn', {
    functionDeclaration: `function (...args) { return (${run})(this, ...args); }`,
    objectId: object.objectId,
    arguments: args.map((value) => ({ value })),
    returnByValue: true,
  });
  check(!exceptionDetails, exceptionDetails?.exception?.description);
  return result.value;
}

/** Runs in the page. */
function read(shadow) {
  const root = shadow.querySelector('.c-root');
  if (!root) {
    return null;
  }
  const seen = (element) => element?.checkVisibility() ?? false;
  const one = (selector, within = root) => within.querySelector(selector);
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const text = (element) => (seen(element) ? element.textContent.trim() || null : null);
  const portrait = (element) => (element?.querySelector('canvas') ? 'photo' : (element?.textContent ?? null));
  const person = (card) => [text(one('.c-name', card)), text(one('.c-about', card)), portrait(one('.portrait', card))];
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  };
  const row = (element) => {
    const { classList } = element;
    if (classList.contains('c-day')) {
      return { is: 'day', text: text(element) };
    }
    if (!classList.contains('c-row')) {
      const card = one('.c-card', element);
      return { is: 'event', text: text(one('.c-happened', element)), card: card && person(card) };
    }
    return {
      is: 'message',
      author: text(one('.c-body > .c-unseen, .c-body > .c-name', element)),
      // With line breaks.
      text: one('.c-bubble', element).innerText,
      mark: text(one('.c-mark', element)),
      problem: text(one('.c-problem > span', element)),
      links: all('.c-bubble a', element).map((link) => ({
        text: link.textContent,
        href: link.getAttribute('href'),
        rel: link.rel,
        target: link.target,
      })),
    };
  };
  const panel = one('.c-panel');
  const preview = one('.c-preview');
  const email = one('.c-email');
  return {
    isOpen: seen(panel),
    /** Null: only for screen readers. */
    title: text(one('.c-title')),
    people: all('.c-head .c-card').filter(seen).map(person),
    hasMenu: seen(one('.c-head [aria-controls="c-menu"]')),
    rows: all('.c-list > *').map(row),
    hello: text(one('.c-hello')),
    typing: text(one('.c-typing')),
    notice: text(one('.c-notice')),
    written: one('.c-text').value,
    /** Null: not asked for. */
    email: seen(email) ? email.value : null,
    emailFault: text(one('.c-contact .c-fault')),
    badge: text(shadow.querySelector('.c-badge')),
    preview: seen(preview) ? [text(one('.c-name', preview)), text(one('.c-said', preview))] : null,
    isAtEnd: one('.c-log').scrollHeight - one('.c-log').scrollTop - one('.c-log').clientHeight < 2,
    focus: shadow.activeElement?.className ?? null,
    box: seen(panel) ? box(panel) : null,
  };
}

/** What the visitor sees of the chat. Null: `chat.js` is not there. */
export const chat = (page) => inside(page, read);

/** The log without days: `You: Hello`, `Ada: Hello`, `* Ada joined the chat`. */
export const logOf = (shown) =>
  (shown?.rows ?? [])
    .filter(({ is }) => is !== 'day')
    .map(({ is, author, text }) => (is === 'event' ? `* ${text}` : `${author}: ${text}`));

/** Waits until the chat `isRight`. Returns it. */
export const chatShows = (page, isRight, what, deadlineMs) =>
  until(
    () => chat(page),
    (shown) => shown !== null && isRight(shown),
    what,
    deadlineMs,
  );

/** Waits until the log is exactly this. Returns the chat. */
export const logBecomes = (page, rows, deadlineMs) =>
  chatShows(
    page,
    (shown) => logOf(shown).join('\n\n') === rows.join('\n\n'),
    `the log ${JSON.stringify(rows)}`,
    deadlineMs,
  );

/** Waits until the newest message of the visitor has this mark: `Sent`, `Seen`. */
export const marked = (page, mark) =>
  chatShows(page, ({ rows }) => rows.findLast(({ author }) => author === 'You')?.mark === mark, `the mark ${mark}`);

/** The middle of a button, by its name, or of a field, by its tag. */
function spot(page, tag, name = null) {
  return until(
    () =>
      inside(
        page,
        (shadow, its, named) => {
          const nameOf = (one) => one.getAttribute('aria-label') ?? one.textContent.trim();
          const found = [...shadow.querySelectorAll(its)].find(
            (one) => one.checkVisibility() && (named === null || nameOf(one) === named),
          );
          if (!found) {
            return null;
          }
          const { x, y, width, height } = found.getBoundingClientRect();
          const [left, top] = [x + width / 2, y + height / 2];
          const above = shadow.elementFromPoint(left, top);
          // A click on what covers it would not reach it.
          return above && found.contains(above) ? { x: left, y: top } : null;
        },
        tag,
        name,
      ),
    Boolean,
    `a place to click ${name ?? tag}`,
  );
}

/** Clicks a button of the chat. */
export async function clickButton(page, name) {
  const { x, y } = await spot(page, 'button', name);
  await page.mouse.click(x, y);
}

async function clickField(page, tag) {
  const { x, y } = await spot(page, tag);
  await page.mouse.click(x, y);
}

/** Opens the chat by a click on the pill. Returns it. */
export async function openChat(page) {
  const { box, isOpen } = await until(
    () => widget(page),
    (shown) => shown?.box,
    'the pill',
  );
  check(!isOpen, 'the chat is open already');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  return chatShows(page, (shown) => shown.isOpen, 'the open chat');
}

/** Opens the chat by a click on the preview of an answer. */
export async function openPreview(page) {
  const { x, y } = await spot(page, '.c-open');
  await page.mouse.click(x, y);
  return chatShows(page, (shown) => shown.isOpen, 'the open chat');
}

/** Closes the chat by its button. */
export async function closeChat(page) {
  await clickButton(page, 'Close');
  return chatShows(page, ({ isOpen }) => !isOpen, 'the closed chat');
}

/** Ends the conversation by the menu. */
export async function endChat(page) {
  await clickButton(page, 'More');
  await clickButton(page, 'End this chat');
}

/** Types into the message field, as by hand. */
export async function typeMessage(page, text) {
  await clickField(page, 'textarea');
  await page.keyboard.type(text);
}

/** Writes and sends a message. A line break is Shift+Enter. */
export async function write(page, text) {
  await clickField(page, 'textarea');
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0) {
      await page.keyboard.press('Shift+Enter');
    }
    await page.keyboard.insertText(line);
  }
  await page.keyboard.press('Enter');
  await chatShows(page, ({ written }) => written === '', 'an empty message field');
}

/** Replaces the address in the e-mail field. */
export async function writeEmail(page, address) {
  await clickField(page, 'input');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(address);
}

/** Makes the shadow trees of all pages open, for axe, which cannot see closed ones. */
export const openShadows = (context) =>
  context.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function open(options) {
      return attach.call(this, { ...options, mode: 'open' });
    };
  });

/**
 * What the page has in `localStorage`: `token`, `outbox` if messages are not confirmed, and
 * `message` for each of them.
 */
export const stored = (page) =>
  page.evaluate(() =>
    Object.keys(localStorage)
      .map((name) => name.split(' ').filter((part) => !/^(deskbell|https?:.*|wk_.*)$/.test(part)))
      .map(([name, ...more]) => (more.length > 0 ? 'message' : name))
      .sort(),
  );

/** Whether a request sends a message of the visitor. */
export const isSend = (request) => request.method() === 'POST' && /sendChatMessage/.test(request.postData() ?? '');
