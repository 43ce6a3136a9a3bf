// Keyboard-only use.
import { check } from '../../clients/check.mjs';

/** More stops than any page has. */
const MOST_TABS = 60;

/** Presses Tab until `target` has the focus. The focus must be visible at each stop. */
export async function tabTo(page, target) {
  const passed = [];
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    await page.keyboard.press('Tab');
    const stop = await focus(page);
    check(stop.isSeen, `the focus is not visible on ${stop.element}: ${stop.why}`);
    passed.push(stop.element);
    if (await hasFocus(target)) {
      return;
    }
  }
  check(false, `the Tab key does not lead to ${target}, but to:\n      ${[...new Set(passed)].join('\n      ')}`);
}

export const hasFocus = (target) =>
  target.evaluateAll((elements) => elements.some((element) => element === document.activeElement));

/**
 * The focused element, and whether its focus is visible: it, its label or its parent has a ring,
 * inside the window, and not covered.
 */
function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const name = element.outerHTML.slice(0, 120);
    if (element === document.body) {
      return { element: 'the page', isSeen: true };
    }
    const hasRing = (one) => {
      const { outlineStyle, outlineWidth, clipPath } = getComputedStyle(one);
      // Elements that are only for screen readers show no ring.
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && clipPath === 'none';
    };
    const shown = [element, ...(element.labels ?? []), element.parentElement].find(hasRing);
    if (!shown) {
      return { element: name, isSeen: false, why: 'it has no ring' };
    }
    const { left, top, width, height } = shown.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) {
      return { element: name, isSeen: false, why: `it is outside of the window, at ${x}, ${y}` };
    }
    const above = document.elementFromPoint(x, y);
    const isOnTop = shown.contains(above) || above?.contains(shown);
    return { element: name, isSeen: isOnTop, why: `it is covered by ${above?.outerHTML.slice(0, 120)}` };
  });
}

/** Checks that Tab and Shift+Tab stay within a dialog. */
export async function checkTrap(page, dialog) {
  const isInside = () =>
    dialog.evaluate((element) => element.contains(document.activeElement) || document.activeElement === document.body);
  check(
    await dialog.evaluate((element) => element.contains(document.activeElement)),
    'a dialog opens without the focus',
  );
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let tabs = 0; tabs < 12; tabs += 1) {
      await page.keyboard.press(key);
      check(await isInside(), `${key} leads out of the dialog`);
    }
  }
}
