import { check, same, until } from '../../clients/check.mjs';
import { checkAccessible } from '../stage/axe.mjs';
import { company, newcomer } from '../stage/people.mjs';

export const title = 'GraphiQL runs a query, a mutation that signs in, and live subscriptions';
export const isLong = true;

const AVAILABILITY = `subscription Availability($widgetKey: String!) {
  availability(widgetKey: $widgetKey) { isAvailable version operators { publicName } }
}`;

/** The contents of an editor. Monaco renders spaces as no-break spaces. */
const shown = (page, pane) => async () =>
  (await page.locator(`${pane} .view-lines`).allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
const editor = (page) => shown(page, '.graphiql-query-editor');
const result = (page) => shown(page, '.result-window');
const has =
  (...parts) =>
  (text) =>
    parts.every((part) => text.includes(part));

/** Fills the editor by a link. */
async function visit(page, query, variables) {
  const link = new URLSearchParams({ query, ...(variables && { variables: JSON.stringify(variables) }) });
  await page.goto(`/graphiql?${link}`);
  await until(editor(page), has(query.split('\n')[0]), 'the query of the link');
  same(await result(page)(), '', 'a link runs nothing by itself');
  same(new URL(page.url()).search, '', 'the address after the link was read');
}

async function run(page) {
  await page.getByRole('button', { name: /^Execute query/ }).click();
}

const versionIn = (text) => Number(/"version": (\d+)/.exec(text)?.[1]);

export async function story(stage) {
  const acme = await company(stage.deskbell.base, { owner: newcomer('Ada') });
  const ada = acme.owner;
  const { page, context } = await stage.visit();

  const introspected = page.waitForResponse(
    (response) => response.url().endsWith('/graphql') && response.request().postData()?.includes('__schema'),
  );
  const answer = await page.goto('/graphiql');
  same(await page.title(), 'Deskbell GraphiQL', 'the title');
  check(answer.headers()['content-security-policy']?.includes("default-src 'none'"), 'the page has no strict policy');
  await until(editor(page), has('# Deskbell', 'mutation SignIn'), 'the examples in the first tab');
  const schema = await (await introspected).json();
  check(schema.data?.__schema && !schema.errors, `introspection: ${JSON.stringify(schema).slice(0, 500)}`);
  await stage.picture(page, 'graphiql-examples');
  // Third-party code: its tabs contain buttons, and the dark colours of its editor are its own.
  await checkAccessible(page, 'GraphiQL', { except: ['nested-interactive'] });
  await page.getByRole('status').filter({ hasText: 'Not signed in' }).waitFor();
  stage.step('opens with examples, reads the schema, and shows that no one is signed in');

  await visit(page, '{ plans { code } }');
  await run(page);
  await until(result(page), has('"plans"', '"code": "FREE"'), 'the result of the query');
  await stage.picture(page, 'graphiql-query');
  stage.step('runs a query');

  await visit(
    page,
    'mutation SignIn($input: SignInInput!) { signIn(input: $input) { viewer { name } userErrors { __typename } } }',
    { input: { email: ada.email, password: ada.password, transport: 'COOKIE' } },
  );
  await run(page);
  await until(result(page), has('"signIn"', `"name": "${ada.name}"`), 'the result of the mutation');
  await page.getByRole('status').filter({ hasText: `Signed in as ${ada.name} (${ada.email})` }).waitFor();
  const [cookie, device, ...more] = (await context.cookies()).sort((one, other) => other.name.localeCompare(one.name));
  same(more, [], 'more cookies');
  check(/^(__Host-)?deskbell_device(_\d+)?$/.test(device?.name), `the other cookie is ${device?.name}`);
  check(/^(__Host-)?deskbell_session(_\d+)?$/.test(cookie?.name), `the cookie is ${cookie?.name}`);
  same({ httpOnly: cookie.httpOnly, sameSite: cookie.sameSite }, { httpOnly: true, sameSite: 'Lax' }, 'the cookie');
  await stage.picture(page, 'graphiql-mutation');
  stage.step('runs a mutation that signs in with a cookie');

  await visit(page, '{ viewer { email } }');
  await run(page);
  await until(result(page), has(`"email": "${ada.email}"`), 'the signed-in viewer');
  stage.step('is signed in from then on');

  await visit(page, AVAILABILITY, { widgetKey: acme.widgetKey });
  await run(page);
  const first = versionIn(await until(result(page), has('"isAvailable": true', ada.name), 'the first state'));
  await stage.picture(page, 'graphiql-subscription-1');
  await acme.deactivate(ada);
  const second = versionIn(await until(result(page), has('"isAvailable": false'), 'the state after deactivation'));
  await stage.picture(page, 'graphiql-subscription-2');
  await acme.activate(ada);
  const third = versionIn(await until(result(page), has('"isAvailable": true'), 'the state after activation'));
  check(first < second && second < third, `versions ${first}, ${second}, ${third} do not grow`);
  await page.getByRole('button', { name: /^Stop query/ }).click();
  await page.getByRole('button', { name: /^Execute query/ }).waitFor();
  stage.step('shows each state of a subscription as it comes, until it is stopped');

  await visit(page, 'subscription Me { viewer { name isActive } }');
  await run(page);
  await until(result(page), has(`"name": "${ada.name}"`, '"isActive": true'), 'the viewer, live');
  await acme.deactivate(ada);
  await until(result(page), has('"isActive": false'), 'the viewer after deactivation');
  await acme.activate(ada);
  await until(result(page), has('"isActive": true'), 'the viewer after activation');
  stage.step('takes the cookie to the socket as well');

  const [passing, lasting] = await page.evaluate(() =>
    [sessionStorage, localStorage].map((storage) => JSON.stringify({ ...storage })),
  );
  check(passing.includes(ada.email), 'a reload would lose what was typed');
  check(!lasting.includes(ada.password) && !lasting.includes(ada.email), `the browser keeps ${lasting}`);
  stage.step('leaves nothing that was typed in the browser for good');

  // The link that the demo prints: the examples, with this widget key.
  const dark = await stage.visit({ dark: true });
  const variables = encodeURIComponent(JSON.stringify({ widgetKey: acme.widgetKey }));
  await dark.page.goto(`/graphiql?variables=${variables}&operationName=Availability`);
  await until(editor(dark.page), has('subscription Availability'), 'the operation that the link names');
  await dark.page.locator('.graphiql-query-editor textarea').focus();
  await dark.page.keyboard.press('Control+Enter');
  await until(result(dark.page), has('"isAvailable": true', ada.name), 'the first state');
  await stage.picture(dark.page, 'graphiql-dark');
  stage.step('opens at the operation that a link names, and Ctrl-Enter runs it');
}
