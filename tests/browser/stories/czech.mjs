import { check, same, until } from '../../clients/check.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { enterAs, furnish, LIMITED, OUTSIDE, OWNER, visitScene } from '../stage/scenes.mjs';
import { catalogues, speaker, vocabulary } from '../stage/words.mjs';

export const title = 'A Czech browser shows all pages in Czech, and a chosen language is kept';
export const isLong = true;

const isCzech = vocabulary('cs');

/** Texts without translation: the product, languages, plans, and a name that is typed. */
const NAMES = ['Deskbell', 'English', 'Čeština', 'Free', 'Mini', 'Standard', 'Pro', 'Eve'];

export async function story(stage) {
  const t = speaker('cs');
  const acme = await company(stage.deskbell.base, { seats: 3 });
  const cast = { browser: stage.browser, owner: acme.owner, ...(await furnish(stage.browser, acme)) };
  const people = await acme.operators();
  const known = [
    ...NAMES,
    acme.name,
    acme.widgetKey,
    ...people.flatMap((one) => [one.name, one.publicName, one.email, one.description]),
  ];

  for (const [scenes, person] of [
    [OUTSIDE, null],
    [LIMITED, cast.cy],
    [OWNER, acme.owner],
  ]) {
    const visit = await stage.visit({ locale: 'cs-CZ', narrow: true });
    if (person) {
      await enterAs(visit.page, t, person);
    }
    for (const scene of scenes) {
      await visitScene(visit, scene, t, cast, async () => {
        await checkCzech(visit.page, known, scene.name);
        await stage.picture(visit.page, `cs-${scene.name}`, { fullPage: true });
      });
      stage.step(scene.name);
    }
  }
  await choosesEnglish(stage, t);
}

/** Checks that each visible or announced text is in the Czech catalogue or is a known name. */
async function checkCzech(page, known, what) {
  same(await page.evaluate(() => document.documentElement.lang), 'cs', `the language of ${what}`);
  const texts = await page.evaluate(() => {
    const found = [document.title.replace(/ · Deskbell$/, '')];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        // Not visible: scripts, and code to copy.
        if (!node.parentElement.closest('script, style, noscript, code')) {
          found.push(node.data);
        }
      } else {
        found.push(
          ...['aria-label', 'aria-valuetext', 'placeholder', 'title', 'alt'].map(
            (name) => node.getAttribute(name) ?? '',
          ),
        );
      }
    }
    return found;
  });
  const foreign = texts.map((text) => text.trim()).filter((text) => !isKnown(text, known) && !isCzech(text));
  check(foreign.length === 0, `${what} is not in Czech: ${JSON.stringify([...new Set(foreign)])}`);
}

function isKnown(text, known) {
  // A name, and a message about it.
  const about = known.find((name) => name && text.startsWith(`${name}: `));
  if (about) {
    return isCzech(text.slice(about.length + 2));
  }
  // Dates and numbers have no words in Czech. Initials stand for a name, and rows of x for typed
  // text.
  return !/\p{L}/u.test(text) || known.includes(text) || /^(\p{Lu}{1,2}|x+)$/u.test(text);
}

async function choosesEnglish(stage, t) {
  const { page } = await stage.visit({ locale: 'cs-CZ' });
  await page.goto('/');
  await page.getByLabel(t('language.label')).selectOption('en');
  await page.getByRole('heading', { name: catalogues.en['signIn.title'] }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: catalogues.en['signIn.title'] }).waitFor();
  const person = newcomer('Ada');
  await company(stage.deskbell.base, { owner: person });
  await enterAs(page, speaker('en'), person);
  same(await page.evaluate(() => document.documentElement.lang), 'en', 'the language');
  await page.goto('/profile');
  await page.getByLabel('Language').selectOption('cs');
  await until(
    () => page.title(),
    (title) => title === `${t('profile.title')} · Deskbell`,
    'the page in Czech',
  );
  stage.step('a chosen language is kept');
}
