import { readFileSync } from 'node:fs';
import { check, same, until } from '../../clients/check.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { noteStates, press, widget, widgetSays, widgets } from '../stage/widget.mjs';

export const title = 'A website swaps its pages by script, and keeps the same widget, connected';

const HERE = 'We are available';
/** One socket for the whole visit: the chat has its own story. */
const ONLY_AVAILABILITY = 'data-chat="off"';
const library = (path) => readFileSync(new URL(`../node_modules/${path}`, import.meta.url));

export async function story(stage) {
  const { base } = stage.deskbell;
  const acme = await company(base, { seats: 2 });
  const bob = await acme.operator(newcomer('Bob'), { isActive: true });
  const shop = await stage.website();
  shop.file('/turbo.js', 'text/javascript', library('@hotwired/turbo/dist/turbo.es2017-umd.js'));
  shop.file('/turbolinks.js', 'text/javascript', library('turbolinks/dist/turbolinks.js'));
  const town = { stage, acme, bob, shop, line: snippet(base, acme.widgetKey, ONLY_AVAILABILITY) };

  await Promise.all(
    ['turbo', 'turbolinks'].flatMap((name) => ['head', 'body'].map((place) => followsLinks(town, name, place))),
  );
  await isMorphed(town);
  await survivesScripts(town);
  await yieldsToThePages(town);
  await staysClosed(town);
  await staysAway(town);
}

/** Opens a page with the widget and clicks the pill. `place` is where the script tag is. */
async function visit({ stage, shop, line }, path, body, { place = 'head', head = '' } = {}) {
  const visitor = await stage.visit({ websites: [shop] });
  await noteStates(visitor.page);
  const inside = place === 'body' ? line : '';
  await visitor.page.goto(
    shop.page(path, `${body}${inside}`, {
      head: `${head}${place === 'head' ? line : ''}`,
      ...(!head && { policy: strict(stage.deskbell.base) }),
    }),
  );
  await widgetSays(visitor.page, HERE);
  await press(visitor.page);
  await visitor.page.evaluate(() => {
    globalThis.first = document.querySelector('deskbell-widget');
  });
  return visitor;
}

/** Checks that the first widget is still there, open, and has never lost its connection. */
async function checkKept({ page, sockets }, where) {
  const [shown, ...more] = await widgets(page);
  same([shown?.pill, shown?.isOpen, more.length], [HERE, true, 0], `${where}: the widget, and others`);
  const facts = await page.evaluate(() => ({
    isFirst: document.querySelector('body > deskbell-widget') === globalThis.first,
    isKnown: globalThis.deskbell.availability?.isAvailable,
    unknown: globalThis.states.filter(({ availability }) => availability === null).length,
  }));
  same(facts, { isFirst: true, isKnown: true, unknown: 0 }, where);
  same(sockets.length, 1, `${where}: sockets`);
}

async function followsLinks(town, name, place) {
  const { shop } = town;
  const path = `/${name}-${place}`;
  const head = `<script src="/${name}.js"></script>`;
  const inside = place === 'body' ? town.line : '';
  shop.page(`${path}/2`, `<h1>Second</h1><a href="${path}">back</a>${inside}`, {
    head: `${head}${place === 'head' ? town.line : ''}`,
  });
  const visitor = await visit(town, path, `<h1>First</h1><a href="${path}/2">next</a>`, { place, head });
  const { page } = visitor;
  await page.getByRole('link', { name: 'next' }).click();
  await page.getByRole('heading', { name: 'Second' }).waitFor();
  await checkKept(visitor, `${path}, the second page`);
  // Turbo shows a cached copy of the page, with a copy of the element.
  await page.goBack();
  await page.getByRole('heading', { name: 'First' }).waitFor();
  await checkKept(visitor, `${path}, back at the first page`);
  await page.getByRole('link', { name: 'next' }).click();
  await page.getByRole('heading', { name: 'Second' }).waitFor();
  await checkKept(visitor, `${path}, the second page once more`);
  town.stage.step(`${name}, with the line in the ${place}: it is there on the second page, and back on the first`);
}

async function isMorphed(town) {
  const head = '<meta name="turbo-refresh-method" content="morph"><script src="/turbo.js"></script>';
  const visitor = await visit(town, '/morph', '<h1>Before</h1><p>Something that stays</p>', { head });
  const { page } = visitor;
  town.shop.page('/morph', '<h1>After</h1><p>Something that stays</p>', { head: head + town.line });
  await page.evaluate(() => {
    addEventListener('turbo:morph', () => {
      globalThis.isMorphed = true;
    });
    globalThis.Turbo.visit(location.href, { action: 'replace' });
  });
  await page.getByRole('heading', { name: 'After' }).waitFor();
  check(await page.evaluate(() => globalThis.isMorphed), 'Turbo has not morphed the page');
  await checkKept(visitor, 'a page that is morphed');
  await town.acme.deactivate(town.bob);
  await until(
    () => widget(page),
    ({ people }) => people.length === 1,
    'a change on a page that is morphed',
  );
  await town.acme.activate(town.bob);
  town.stage.step('a page that Turbo morphs keeps the widget');
}

const SWAPS = {
  innerHTML: () => {
    document.body.innerHTML = '<h1>Next</h1>';
  },
  'innerHTML of the document': () => {
    document.documentElement.innerHTML = '<head><title>Next</title></head><body><h1>Next</h1></body>';
  },
  'innerHTML in two steps': async () => {
    document.body.innerHTML = '';
    await new Promise((resolve) => setTimeout(resolve));
    document.body.innerHTML = '<h1>Next</h1>';
  },
  replaceChildren: () => document.body.replaceChildren(document.createElement('h1'), 'Next'),
  'one by one': () => {
    document.body.prepend(document.createElement('h1'));
    while (document.body.childNodes.length > 1) {
      document.body.lastChild.remove();
    }
  },
  'document.body': () => {
    document.body = document.createElement('body');
  },
  'no body for a while': async () => {
    const { body } = document;
    body.remove();
    await new Promise((resolve) => setTimeout(resolve));
    document.documentElement.append(document.createElement('body'));
  },
  startViewTransition: async () => {
    const transition = document.startViewTransition(() => {
      document.body.innerHTML = '<h1>Next</h1>';
    });
    await transition.updateCallbackDone;
  },
};

async function survivesScripts(town) {
  const visitor = await visit(town, '/scripts', '<h1>First</h1><p>Text</p>', { place: 'body' });
  for (const [name, swap] of Object.entries(SWAPS)) {
    await visitor.page.evaluate(swap);
    await checkKept(visitor, name);
    // Content for the next swap.
    await visitor.page.evaluate(() => document.body.prepend(document.createElement('main')));
  }
  town.stage.step(`it survives ${Object.keys(SWAPS).join(', ')}`);
}

async function yieldsToThePages(town) {
  const visitor = await visit(town, '/own', '<h1>First</h1>');
  const { page } = visitor;
  await page.evaluate((key) => {
    document.body.innerHTML = `<h1>Next</h1><deskbell-widget id="own" data-key="${key}"></deskbell-widget>`;
  }, town.acme.widgetKey);
  await widgetSays(page, HERE);
  same(await page.evaluate(() => document.querySelector('deskbell-widget').id), 'own', 'the widget of the page');
  await page.evaluate(() => {
    document.body.innerHTML = '<h1>Last</h1>';
  });
  await checkKept(visitor, 'a page after one with an element of its own');
  town.stage.step('a page with its own element gets no second one, and the next page gets the first one back');
}

async function staysClosed(town) {
  const visitor = await town.stage.visit({ websites: [town.shop] });
  const line = town.line.replace(' data-key', ' data-open data-key');
  await visitor.page.goto(town.shop.page('/open', '<h1>First</h1>', { head: line }));
  const { isOpen } = await widgetSays(visitor.page, HERE);
  await press(visitor.page);
  await visitor.page.evaluate(() => {
    document.body.innerHTML = '<h1>Next</h1>';
  });
  same([isOpen, (await widget(visitor.page)).isOpen], [true, false], 'the panel before and after');
  town.stage.step('a panel that the visitor closed stays closed');
}

const REMOVALS = {
  remove: () => document.querySelector('deskbell-widget').remove(),
  'remove, with a banner': () => {
    document.querySelector('p').remove();
    document.querySelector('deskbell-widget').remove();
  },
  replaceWith: () => document.querySelector('deskbell-widget').replaceWith(document.createElement('button')),
};

async function staysAway(town) {
  for (const [name, remove] of Object.entries(REMOVALS)) {
    const { page } = await visit(town, '/removed', '<h1>First</h1><p>Text</p>');
    await page.evaluate(remove);
    await page.evaluate(() => {
      document.body.innerHTML = '<h1>Next</h1>';
    });
    same(await widgets(page), [], `${name}: widgets after it was removed`);
    await page.evaluate(() => {
      document.body = document.createElement('body');
    });
    same(await widgets(page), [], `${name}: widgets after another page`);
  }
  town.stage.step('a widget that the page removes stays away');
}
