// Checks the look of pages in light and dark, wide and narrow: takes a picture, checks that the
// page fits its window, and runs axe.
import { check, same } from '../../clients/check.mjs';
import { checkAccessible } from './axe.mjs';
import { NARROW, WIDE } from './browser.mjs';

const LOOKS = [
  { name: '', colorScheme: 'light', size: WIDE },
  { name: '-dark', colorScheme: 'dark', size: WIDE },
  { name: '-360', colorScheme: 'light', size: NARROW },
  { name: '-360-dark', colorScheme: 'dark', size: NARROW },
];

/** Checks the current page in each colour scheme and width. */
export async function lookAround(stage, page, name) {
  for (const look of LOOKS) {
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await page.setViewportSize(look.size);
    // Sticky elements would appear in the middle of the picture.
    await page.evaluate(() => scrollTo(0, 0));
    await checkFits(page, look.size.width, `${name}${look.name}`);
    await stage.picture(page, `${name}${look.name}`, { fullPage: true });
    await checkAccessible(page, `${name}${look.name}`);
  }
}

/**
 * Checks that nothing is wider than the window, and nothing in an open dialog is wider than the
 * dialog.
 */
async function checkFits(page, width, what) {
  const taken = await page.evaluate(() => {
    const dialogs = [...document.querySelectorAll('dialog[open]')];
    return [
      document.documentElement.scrollWidth,
      ...dialogs.map((one) => innerWidth + one.scrollWidth - one.clientWidth),
    ];
  });
  same([...new Set(taken)], [width], `the width that ${what} takes`);
  const [lost] = await page.evaluate(() =>
    [...document.querySelectorAll('a, button, input, select, textarea')]
      .filter((one) => one.checkVisibility() && getComputedStyle(one).clipPath === 'none' && !one.matches('.skip'))
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
      .map((one) => one.outerHTML.slice(0, 160)),
  );
  check(lost === undefined, `on ${what} this lies beyond the edge: ${lost}`);
}
