import { check, same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title =
  'Two browsers: changes in one show in the other, and rejected changes are rolled back';

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { seats: 2 });
  const bob = await acme.operator(newcomer('Bob'));
  await acme.operator(newcomer('Cy'));
  const dana = await acme.operator(newcomer('Dana'), { accessLevel: 'FULL' });
  const [ada, other] = [await stage.visit(), await stage.visit()];
  const [left, right] = [ada.page, other.page];
  await enter(left, acme.owner, '/settings/operators');
  await enter(right, dana, '/settings/operators');
  for (const page of [left, right]) {
    await page.getByText('1 of 2 active').waitFor();
  }
  let loads = 0;
  right.on('load', () => (loads += 1));

  await slider(left, 'Bob').click();
  await slider(right, 'Bob', true).waitFor();
  await right.getByText('2 of 2 active').waitFor();
  await slider(right, 'Bob').click();
  await slider(left, 'Bob', false).waitFor();
  await left.getByText('1 of 2 active').waitFor();
  stage.step('a switch moves in both, whichever is used');

  await right.getByRole('link', { name: 'Cy' }).click();
  await heading(right, 'Cy').waitFor();
  await right.getByLabel('Description').fill('Typed, and not saved yet');
  await left.getByRole('link', { name: 'Cy' }).click();
  await heading(left, 'Cy').waitFor();
  await left.getByLabel('Name', { exact: true }).fill('Cyrus');
  await left.getByRole('button', { name: 'Save' }).click();
  await heading(right, 'Cyrus').waitFor();
  await until(
    () => right.getByLabel('Name', { exact: true }).inputValue(),
    (name) => name === 'Cyrus',
    'the new name in the other form',
  );
  same(await right.getByLabel('Description').inputValue(), 'Typed, and not saved yet', 'what was typed there');
  stage.step('a form shows what others save, and keeps what was typed');

  await right.getByRole('button', { name: 'Save' }).click();
  await right.getByText('Saved.').waitFor();
  await right.getByRole('link', { name: 'All operators' }).click();
  await left.getByRole('link', { name: 'All operators' }).click();
  await takesBack(stage, { left, right });
  await overtakes(stage, { left, right });
  await losesOperator(stage, { left, acme, bob });
  same(loads, 0, 'page loads during the story');
  await explainsAtOnce(stage, acme);
}

/** Without live updates, and with slow or missing responses. */
async function explainsAtOnce(stage, acme) {
  const slow = await stage.visit({ narrow: true });
  const { page } = slow;
  slow.forgive(/Failed to load resource/);
  await page.routeWebSocket(/./, () => {});
  await enter(page, acme.owner, '/settings/operators');
  await slider(page, 'Cyrus').click();
  await slider(page, 'Cyrus', true).waitFor();

  let answers = 'late';
  const released = gate();
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.operationName !== 'OperatorList') {
      return route.fallback();
    }
    if (answers === 'never') {
      return route.abort();
    }
    await released.opened;
    return route.fallback();
  });
  const dialog = page.getByRole('dialog', { name: 'No free seats' });
  const why = 'All 2 seats of your plan are in use, so Dana stays inactive.';
  await slider(page, 'Dana').click();
  await dialog.getByText(why).waitFor();
  await dialog.getByText('Loading…').waitFor();
  await stage.picture(page, 'operators-no-seat-loading');
  released.open();
  await dialog.getByRole('radio', { name: 'Cyrus' }).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await slider(page, 'Dana').waitFor();
  answers = 'never';
  await slider(page, 'Dana').click();
  await dialog.getByText(why).waitFor();
  await dialog.getByText('The server cannot be reached.').waitFor();
  await stage.picture(page, 'operators-no-seat-failed');
  answers = 'late';
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.getByRole('radio', { name: 'Cyrus' }).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  stage.step('the lack of a free seat is explained before the seat holders are loaded, and if loading fails');

  await page.unroute('**/graphql');
  await page.route('**/graphql', (route) => route.abort());
  for (const name of ['Ada Lovelace', 'Cyrus', 'Dana']) {
    await slider(page, name).click();
    await page.locator('.toast').getByText(`${name}: `).waitFor();
  }
  same(await page.locator('.toast:visible').count(), 1, 'messages at the same time on a narrow page');
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  check(await isOnTop(slider(page, 'Dana')), 'a message permanently covers the last switch');
  await stage.picture(page, 'operators-failed-thrice-360');
  await page.getByRole('button', { name: 'Close message' }).click();
  await page.locator('.toast').getByText('Cyrus: ').waitFor();
  stage.step('messages do not block a narrow page');

  await page.unroute('**/graphql');
  await slider(page, 'Cyrus').click();
  await page.locator('.toast').getByText('Cyrus: ').waitFor({ state: 'detached' });
  await slider(page, 'Cyrus', false).waitFor();
  await slider(page, 'Cyrus').click();
  await slider(page, 'Cyrus', true).waitFor();
  await page.locator('.toast').getByText('Ada Lovelace: ').waitFor();
  stage.step('the message about an operator disappears at the next attempt, and others stay');
}

const isOnTop = (locator) =>
  locator.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  });

/** Another operator takes the last seat after the switch has moved. */
async function takesBack(stage, { left, right }) {
  const release = await hold(left, 'ActivateOperator');
  await slider(left, 'Bob').click();
  await slider(left, 'Bob', true).waitFor();
  await slider(right, 'Cyrus').click();
  await right.getByText('2 of 2 active').waitFor();
  release();
  const dialog = left.getByRole('dialog', { name: 'No free seats' });
  await dialog.getByText('All 2 seats of your plan are in use, so Bob stays inactive.').waitFor();
  await slider(left, 'Bob', false).waitFor();
  await slider(right, 'Bob', false).waitFor();
  await stage.picture(left, 'operators-taken-back');
  stage.step('an optimistic switch moves back when another operator got the seat, and a dialog says why');

  await slider(right, 'Cyrus').click();
  await dialog.getByText('A seat is now free. You can activate Bob.').waitFor();
  await slider(right, 'Cyrus').click();
  await dialog.getByRole('radio', { name: 'Cyrus' }).check();
  await dialog.getByRole('button', { name: 'Move the seat' }).click();
  await left.getByText('Bob is now active, and Cyrus is inactive.').waitFor();
  await slider(right, 'Bob', true).waitFor();
  await slider(right, 'Cyrus', false).waitFor();
  stage.step('the dialog follows changes by others, and moves the seat in one step');
}

/** An operator changes between the request for a list and its response. */
async function overtakes(stage, { left, right }) {
  const answer = await holdAnswer(left, 'OperatorList');
  const search = left.getByLabel('Search by name or e-mail');
  await search.fill('Bob');
  await answer.given;
  await slider(right, 'Bob').click();
  await slider(left, 'Bob', false).waitFor();
  answer.release();
  // Not announced before the response arrives.
  await left.getByText('1 operator', { exact: true }).waitFor();
  check(await slider(left, 'Bob', false).isVisible(), 'an old response overwrites a later change');
  stage.step('an old response does not overwrite later changes');

  await search.fill('');
  await slider(right, 'Bob').click();
  await slider(left, 'Bob', true).waitFor();
}

/** Another operator removes an operator while the switch moves. */
async function losesOperator(stage, { left, acme, bob }) {
  const release = await hold(left, 'DeactivateOperator');
  await slider(left, 'Bob').click();
  await slider(left, 'Bob', false).waitFor();
  await acme.remove(bob);
  release();
  await left.getByText('Bob: This operator no longer exists.').waitFor();
  await left.getByRole('link', { name: 'Bob' }).waitFor({ state: 'detached' });
  await stage.picture(left, 'operators-gone');
  stage.step('a change of a removed operator shows an error');
}

/** The switch of an operator, even behind a dialog. */
const slider = (page, name, checked) =>
  page.getByRole('switch', {
    name: `Active: ${name}`,
    exact: true,
    includeHidden: true,
    ...(checked !== undefined && { checked }),
  });

/** Holds requests of an operation until they are released. */
async function hold(page, operationName) {
  const released = gate();
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.operationName === operationName) {
      await released.opened;
    }
    await route.fallback();
  });
  return released.open;
}

/** Holds responses of an operation until they are released. `given`: the server has sent one. */
async function holdAnswer(page, operationName) {
  const [given, released] = [gate(), gate()];
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.operationName !== operationName) {
      return route.fallback();
    }
    const response = await route.fetch();
    given.open();
    await released.opened;
    return route.fulfill({ response });
  });
  return { given: given.opened, release: released.open };
}

function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
