// How pages look: in light and dark, wide and narrow. Each is photographed, fits its window, and gives axe nothing to say.
import { check, same } from '../../clients/check.mjs';
import { checkAccessible } from './axe.mjs';
import { NARROW, WIDE } from './browser.mjs';

const LOOKS = [
  { name: '', colorScheme: 'light', size: WIDE },
  { name: '-dark', colorScheme: 'dark', size: WIDE },
  { name: '-360', colorScheme: 'light', size: NARROW },
  { name: '-360-dark', colorScheme: 'dark', size: NARROW },
];

/** Looks at what a page shows at the moment, in every light and width. */
export async function lookAround(stage, page, name) {
  for (const look of LOOKS) {
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await page.setViewportSize(look.size);
    // What stays in sight when the page is scrolled would stand in the middle of its picture.
    await page.evaluate(() => scrollTo(0, 0));
    await checkFits(page, look.size.width, `${name}${look.name}`);
    await stage.picture(page, `${name}${look.name}`, { fullPage: true });
    await checkAccessible(page, `${name}${look.name}`);
  }
}

/** Nothing is wider than the window, and nothing in an open dialog wider than the dialog. */
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
