import { check, same, until } from '../../clients/check.mjs';
import { company } from '../stage/people.mjs';
import { colourAt, isNear, portrait } from '../stage/photo.mjs';

export const title = 'A page without scripts shows a badge, and programs get the same as JSON';

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base);
  await acme.update(acme.owner, { description: '<b>Founder</b>' });
  await acme.setPhoto(acme.owner, await portrait(stage.browser, { colour: '#2f6fb5' }));
  const shop = await stage.website();
  const visitor = await stage.visit({ websites: [shop] });
  const { page } = visitor;
  const address = `${base}/availability/${acme.widgetKey}`;

  const body = `<p><img id="en" src="${address}/badge.svg" alt="Availability" height="20">
    <img id="cs" src="${address}/badge.svg?lang=cs" alt="Dostupnost" height="20"></p>`;
  await page.goto(shop.page('/', body, { policy: `default-src 'none'; img-src ${base}` }));
  for (const id of ['en', 'cs']) {
    const width = await page.locator(`#${id}`).evaluate(async (image) => {
      await image.decode();
      return image.width;
    });
    check(width > 60 && width < 200, `the badge is ${width} pixels wide`);
  }
  await stage.picture(page, 'badge', { clip: { x: 0, y: 0, width: 320, height: 60 } });
  stage.step('a page of another origin shows a badge');

  const said = async (query = '') => {
    await page.goto(`${address}/badge.svg${query}`);
    return page
      .getByRole('img')
      .getAttribute('aria-label')
      .then((label) => label ?? page.locator('title').textContent());
  };
  same(await said(), 'chat: available', 'the badge while an operator is available');
  await acme.deactivate(acme.owner);
  const state = async () => (await fetch(address)).json();
  await until(state, ({ isAvailable }) => !isAvailable, 'the state after that', 1_000);
  // Browsers cache the badge for five seconds. A new browser has no cache.
  const late = await stage.visit();
  await late.page.goto(`${address}/badge.svg`);
  same(await late.page.locator('title').textContent(), 'chat: away', 'the badge while no operator is available');
  await acme.activate(acme.owner);
  await until(state, ({ isAvailable }) => isAvailable, 'the previous state', 1_000);
  stage.step('it follows changes');

  // Under the policy of a page that fetches the state, and inserts it as text.
  await page.goto(shop.page('/json', '<h1>A shop</h1>', { policy: `default-src 'none'; connect-src ${base}` }));
  const fetched = await page.evaluate(
    async (url) => (await fetch(url, { cache: 'no-store' })).json(),
    `${address}?size=64`,
  );
  same(
    [fetched.isAvailable, fetched.operators.map(({ publicName, description }) => [publicName, description])],
    [true, [['Ada Lovelace', '<b>Founder</b>']]],
    'the state',
  );
  const { photoUrl } = fetched.operators[0];
  await page.goto(
    shop.page('/photo', `<img src="${photoUrl}" alt="Ada">`, { policy: `default-src 'none'; img-src ${base}` }),
  );
  const colour = await colourAt(stage.browser, await page.getByRole('img', { name: 'Ada' }).screenshot(), 4, 4);
  check(isNear(colour, [47, 111, 181]), `the photo is ${colour}`);
  stage.step('the same as JSON, with the URL of a photo');
}
