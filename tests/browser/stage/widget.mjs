// A widget as visitors see it. Its shadow tree is closed to scripts of the page. Here it is read
// through the accessibility tree, as by a screen reader, and clicked by its position on the screen.
import { same, until } from '../../clients/check.mjs';

/** The contents of all widgets on a page, in document order. */
export async function widgets(page) {
  const session = await page.context().newCDPSession(page);
  try {
    return await until(() => readAll(session), Boolean, 'a widget that stands still while it is read');
  } finally {
    await session.detach();
  }
}

/** The contents of all portraits on a page: initials, or `photo`. */
export async function portraits(page) {
  const session = await page.context().newCDPSession(page);
  try {
    const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
    const isPortrait = ({ attributes = [] }) => attributes[attributes.indexOf('class') + 1] === 'portrait';
    return [...everything(root)]
      .filter(isPortrait)
      .map(({ children: [inner] }) => (inner?.localName === 'canvas' ? 'photo' : (inner?.nodeValue ?? '')));
  } finally {
    await session.detach();
  }
}

/** Null if the widget changed while it was read. */
async function readAll(session) {
  const shadows = await shadowsOf(session);
  try {
    return await Promise.all(shadows.map((shadow) => read(session, shadow)));
  } catch (error) {
    if (/box model|node/i.test(error.message)) {
      return null;
    }
    throw error;
  }
}

/** The shadow trees of all widgets on a page, in document order. */
export async function shadowsOf(session) {
  const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
  return [...everything(root)]
    .filter(({ localName }) => localName === 'deskbell-widget')
    .flatMap((host) => host.shadowRoots ?? []);
}

function* everything(node) {
  yield node;
  const more = [...(node.shadowRoots ?? []), ...(node.contentDocument ? [node.contentDocument] : [])];
  for (const inner of [...(node.children ?? []), ...more]) {
    yield* everything(inner);
  }
}

async function read(session, shadow) {
  const { nodes } = await session.send('Accessibility.queryAXTree', { backendNodeId: shadow.backendNodeId });
  const heard = nodes.filter(({ ignored }) => !ignored);
  const all = (role) => heard.filter((node) => node.role?.value === role);
  const has = (node, property) => node?.properties?.find(({ name }) => name === property)?.value.value ?? false;
  const name = (node) => node?.name?.value ?? null;
  const within = (node, role) => {
    const below = (id) => nodes.find(({ nodeId }) => nodeId === id);
    const found = [];
    for (const queue = [...(node.childIds ?? [])]; queue.length > 0; ) {
      const child = below(queue.shift());
      if (child) {
        queue.push(...(child.childIds ?? []));
        if (!child.ignored && child.role?.value === role) {
          found.push(name(child));
        }
      }
    }
    return found;
  };
  const pill = all('button').find(({ properties }) => properties?.some((property) => property.name === 'expanded'));
  return {
    /** The name of the region. */
    region: name(all('region')[0]),
    /** The text of the pill. Null: the widget is hidden. */
    pill: name(pill),
    hasFocus: has(pill, 'focused'),
    isOpen: has(pill, 'expanded'),
    heading: name(all('heading')[0]),
    /** The text that replaces the operators. */
    note:
      all('paragraph')
        .flatMap((paragraph) => within(paragraph, 'StaticText'))
        .join(' ') || null,
    /** Name and, if any, description of each operator. */
    people: all('listitem').map((item) => within(item, 'StaticText')),
    box: pill ? await box(session, pill.backendDOMNodeId) : null,
    boxes: await Promise.all(all('listitem').map((item) => box(session, item.backendDOMNodeId))),
  };
}

async function box(session, backendNodeId) {
  const { model } = await session.send('DOM.getBoxModel', { backendNodeId });
  const [left, top, , , right, bottom] = model.border;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The only widget on a page. */
export async function widget(page) {
  const [only, ...more] = await widgets(page);
  same(more, [], 'more widgets');
  return only ?? null;
}

/** Waits until the only widget has this text. */
export const widgetSays = (page, pill, deadlineMs) =>
  until(
    () => widget(page),
    (shown) => shown?.pill === pill,
    `a widget that says ${JSON.stringify(pill)}`,
    deadlineMs,
  );

/** Clicks the pill, and returns the new contents. */
export async function press(page) {
  const { box: pill, isOpen } = await widget(page);
  await page.mouse.click(pill.x + pill.width / 2, pill.y + pill.height / 2);
  return until(
    () => widget(page),
    (shown) => shown.isOpen !== isOpen,
    'the panel',
  );
}

/** Makes the page record all states of a key, with their times. */
export const noteStates = (page) =>
  page.addInitScript(() => {
    globalThis.states = [];
    addEventListener('deskbell:availability', ({ detail }) => globalThis.states.push({ at: Date.now(), ...detail }));
  });

/** Waits for the first state that `isRight`. Its `at` is in milliseconds since the epoch. */
export function told(page, isRight, what) {
  const first = async () => {
    const states = await page.evaluate(() => globalThis.states);
    return states.find(({ availability }) => availability && isRight(availability));
  };
  return until(first, Boolean, what);
}
