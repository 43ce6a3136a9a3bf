import { check, same, until } from '../../clients/check.mjs';
import { heading, menu } from '../stage/pages.mjs';
import { newcomer } from '../stage/people.mjs';
import { colourAt, dropPhoto, isNear, portrait } from '../stage/photo.mjs';
import { strict } from '../stage/website.mjs';
import { noteStates, press, told, widget, widgetSays } from '../stage/widget.mjs';

export const title =
  'A company signs up, adds an operator with a photo, gets a seat for her, and visitors see her come and go';

/** The background of Eve's photo. */
const WALL = [47, 111, 181];

/** Visitors receive a change within this time after the response. */
const SOON_MS = 1_000;

export async function story(stage) {
  const { base } = stage.deskbell;
  const { page } = await stage.visit();
  const first = await signUp(stage, page);
  const snippet = await readSnippet(stage, page);
  same(first, snippet, 'the line on the first page');

  const shop = await stage.website();
  const visitor = await stage.visit({ websites: [shop] });
  await noteStates(visitor.page);
  await visitor.page.goto(shop.page('/', `<main><h1>A shop</h1></main>${snippet}`, { policy: strict(base) }));
  await widgetSays(visitor.page, 'We are available');
  await press(visitor.page);
  // In the header of the chat, which is loaded now.
  await until(
    () => widget(visitor.page),
    ({ people }) => JSON.stringify(people) === '[["Ada Lovelace"]]',
    'who is available',
  );
  stage.step('the line from the settings works on a page of another origin with a strict policy');

  await addEve(stage, page);
  await findSeat(stage, page);

  const slider = page.getByRole('switch', { name: 'Active: Eve Novotná' });
  const coming = await slid(page, slider, 'ActivateOperator');
  const came = await told(
    visitor.page,
    (state) => state.operators.some(({ publicName }) => publicName === 'Eve'),
    'Eve',
  );
  check(came.at - coming < SOON_MS, `visitors received the change after ${came.at - coming} ms`);
  const shown = await until(
    () => widget(visitor.page),
    ({ people }) => people.length === 2,
    'Eve in the widget',
    SOON_MS,
  );
  same(shown.people, [['Ada Lovelace'], ['Eve', 'Shipping and customs']], 'who is available');
  await until(
    () => colourOfPhoto(stage, visitor.page),
    (colour) => isNear(colour, WALL),
    'the drawn photo',
  );
  await stage.picture(visitor.page, 'widget-photo');
  stage.step('visitors see photo, name and description within a second');

  const going = await slid(page, slider, 'DeactivateOperator');
  const went = await told(
    visitor.page,
    (state) => state.version > came.availability.version && state.operators.length === 1,
    'the state without Eve',
  );
  check(went.at - going < SOON_MS, `visitors received the change after ${went.at - going} ms`);
  await until(
    () => widget(visitor.page),
    ({ people }) => people.length === 1,
    'a widget without Eve',
    SOON_MS,
  );
  stage.step('visitors see within a second that she is inactive');

  // The dashboard must know that this operator is the last active one.
  await page.getByText('1 of 2 active').waitFor();
  await page.getByRole('switch', { name: 'Active: Ada Lovelace' }).click();
  const last = page.getByRole('dialog', { name: 'No operator will be available' });
  await last.getByRole('button', { name: 'Deactivate anyway' }).click();
  const away = await widgetSays(visitor.page, 'We are away');
  same(away.people, [], 'who is available');
  await stage.picture(visitor.page, 'widget-away');
  stage.step('deactivating the last active operator needs a confirmation, and then no one is available');
}

async function signUp(stage, page) {
  const ada = newcomer('Ada Lovelace');
  await page.goto('/');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await heading(page, 'Create an account').waitFor();
  await page.getByLabel('Company').fill('Acme');
  await page.getByLabel('Your name').fill(ada.name);
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await heading(page, 'Visitors').waitFor();
  await page.getByText('You are active. Pages with your chat show you as available.').waitFor();
  const line = await page.getByRole('region', { name: 'The chat on your website' }).locator('pre').innerText();
  check(line.startsWith(`<script async src="${stage.deskbell.base}/widget.js" data-key="wk_`), `the line is ${line}`);
  await stage.picture(page, 'visitors-new');
  stage.step('a new account has one seat, its owner is active, and the first page shows the line for the website');
  return line;
}

async function readSnippet(stage, page) {
  await menu(page).getByRole('link', { name: 'Company' }).click();
  await heading(page, 'Company').waitFor();
  const section = page.getByRole('region', { name: 'The chat on your website' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stage.deskbell.base });
  await section.getByRole('button', { name: 'Copy' }).click();
  await section.getByRole('status').filter({ hasText: 'Copied.' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  same(copied, await section.locator('pre').innerText(), 'what was copied');
  return copied;
}

async function addEve(stage, page) {
  const eve = newcomer('Eve');
  await menu(page).getByRole('link', { name: 'Operators' }).click();
  await heading(page, 'Operators').waitFor();
  await page.getByText('1 of 1 active').waitFor();
  await page.getByRole('link', { name: 'Add operator' }).click();
  await heading(page, 'New operator').waitFor();
  same(await page.getByRole('radio', { name: 'Limited access' }).isChecked(), true, 'the default level');
  const levels = page.getByRole('group', { name: 'Access level' });
  // Nothing that comes with conversations: chats, their history, recordings.
  same(
    (await levels.innerText()).split('\n').map((line) => line.trim()).filter(Boolean).slice(1),
    [
      'Limited access',
      'Is shown to visitors while active, and can change their own profile, photo and password.',
      'Full access',
      'Can also manage operators, the plan and its seats, and the company settings.',
    ],
    'what the levels promise',
  );

  await dropPhoto(page, page.locator('.photo-field'), {
    name: 'eve.jpg',
    type: 'image/jpeg',
    bytes: await portrait(stage.browser, { colour: `rgb(${WALL.join()})` }),
  });
  const crop = page.getByRole('dialog', { name: 'Crop the photo' });
  await crop.getByRole('slider', { name: 'Zoom' }).waitFor();
  await stage.picture(page, 'operator-crop');
  await crop.getByRole('button', { name: 'Use this photo' }).click();
  await crop.waitFor({ state: 'hidden' });

  await page.getByLabel('Name', { exact: true }).fill('Eve Novotná');
  await page.getByLabel('Name visible to visitors').fill('Eve');
  await page.getByLabel('E-mail').fill(eve.email);
  await page.getByLabel('Description').fill('Shipping and customs');
  await page.getByRole('radio', { name: 'Set a password now' }).check();
  await page.getByLabel('Operator’s password', { exact: true }).fill(eve.password);
  const preview = page.getByRole('complementary', { name: 'What visitors see' });
  same(
    [await preview.getByText('Eve', { exact: true }).count(), await preview.getByText('Shipping and customs').count()],
    [1, 1],
    'name and description in the preview',
  );
  await stage.picture(page, 'operator-new', { fullPage: true });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Eve Novotná has been added.').waitFor();
  await heading(page, 'Operators').waitFor();
  await page.getByRole('switch', { name: 'Active: Eve Novotná', checked: false }).waitFor();
  stage.step('an operator is added, with a dropped and cropped photo');
}

async function findSeat(stage, page) {
  await page.getByRole('switch', { name: 'Active: Eve Novotná' }).click();
  const dialog = page.getByRole('dialog', { name: 'No free seats' });
  await dialog.getByText('The only seat of your plan is in use').waitFor();
  await page.getByRole('switch', { name: 'Active: Eve Novotná', checked: false, includeHidden: true }).waitFor();
  await stage.picture(page, 'operators-no-seat');
  stage.step('without a free seat the switch moves back, and a dialog offers solutions');

  await dialog.getByRole('link', { name: 'Change the plan' }).click();
  await heading(page, 'Plan').waitFor();
  await page.getByText('1 of 1 seat is in use.').waitFor();
  same(await page.getByRole('radio', { name: 'Mini' }).isChecked(), true, 'the proposed plan');
  await page.getByRole('radio', { name: 'Standard' }).check();
  await stage.picture(page, 'plan-change');
  await page.getByRole('button', { name: 'Get 2 seats and activate Eve Novotná' }).click();
  await heading(page, 'Operators').waitFor();
  await page.getByRole('switch', { name: 'Active: Eve Novotná', checked: true }).waitFor();
  await page.getByText('2 of 2 active').waitFor();
  stage.step('a larger plan is one click away, and comes back with the operator activated');

  await page.getByRole('switch', { name: 'Active: Eve Novotná' }).click();
  await page.getByText('1 of 2 active').waitFor();
}

/** Moves a switch. Returns when the response arrived, in milliseconds since the epoch. */
async function slid(page, slider, operationName) {
  const answer = page.waitForResponse((response) => response.request().postDataJSON()?.operationName === operationName);
  await slider.click();
  await answer;
  return Date.now();
}

/** A colour of the second portrait in the widget, left of the face. */
async function colourOfPhoto(stage, page) {
  const { boxes } = await widget(page);
  return colourAt(
    stage.browser,
    await page.screenshot(),
    Math.round(boxes[1].x) + 8,
    Math.round(boxes[1].y + boxes[1].height / 2) - 6,
  );
}
