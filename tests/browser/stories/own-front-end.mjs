import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { same, within } from '../../clients/check.mjs';

export const title = 'A page of another origin uses the API with a cookie, if the server allows its origin';

const SERVE = fileURLToPath(new URL('../../../examples/cookies/serve.js', import.meta.url));
const PASSWORD = 'correct-horse-desk-bell';

export async function story(stage) {
  const port = await freePort();
  const own = `http://127.0.0.1:${port}`;
  // Another host is another site, also on the same machine.
  const otherSite = `http://localhost:${port}`;
  const server = await stage.server({
    command: 'demo',
    settings: { DESKBELL_ALLOWED_ORIGINS: `${own},${otherSite}` },
    expected: [/DESKBELL_ALLOWED_ORIGINS/],
  });
  const pages = [];
  try {
    pages.push(await serve(server.base, port), await serve(server.base, 0));
    const [allowed, foreign] = pages;
    same(allowed.base, own, 'the origin of the page');
    await onAnAllowedOrigin(stage, server, own);
    await onAForeignOrigin(stage, server, foreign.base);
    await onAnotherSite(stage, server, otherSite);
  } finally {
    pages.forEach(({ child }) => child.kill());
  }
}

async function onAnAllowedOrigin(stage, server, base) {
  const { page } = await stage.visit({ deskbell: server, websites: [{ base }] });
  await signIn(page, base);
  await page.getByText('Signed in as Ada Lovelace').waitFor();
  await page.getByText('2 of 3 seats in use').waitFor();
  await page.getByLabel('Bohumil Novák').and(page.locator(':checked')).waitFor();
  stage.step('the page signs in, and shows the account');

  await page.reload();
  await page.getByText('2 of 3 seats in use').waitFor();
  await page.getByLabel('Cy Twombly').check();
  await page.getByText('3 of 3 seats in use').waitFor();
  stage.step('the session survives a reload, and a change arrives over the event stream');

  await page.getByLabel('Dana Whitfield').click();
  await page.getByRole('alert').filter({ hasText: 'All 3 seats are in use.' }).waitFor();
  same(await page.getByLabel('Dana Whitfield').isChecked(), false, 'a refused switch');
  stage.step('a refusal shows its message');

  same(await socketViewer(page, server), 'Ada Lovelace', 'the viewer of a WebSocket');
  stage.step('the cookie also counts for a WebSocket of the page');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  same(await socketViewer(page, server), null, 'the viewer of a WebSocket after signing out');
  await page.reload();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  stage.step('signing out ends the session');

  await signIn(page, base);
  await page.getByText('Signed in as Ada Lovelace').waitFor();
  await send(page, server, 'mutation { signOut { signedOut } }', 'include');
  await page.getByRole('alert').filter({ hasText: 'The session has ended.' }).waitFor();
  stage.step('the page notices when its session ends elsewhere');
}

async function onAForeignOrigin(stage, server, base) {
  const visit = await stage.visit({ deskbell: server, websites: [{ base }] });
  visit.forgive(/^console: .* blocked by CORS policy/, /^console: Failed to load resource: net::ERR_FAILED/);
  const { page } = visit;
  await signIn(page, base);
  await page.getByRole('alert').filter({ hasText: 'DESKBELL_ALLOWED_ORIGINS' }).filter({ hasText: base }).waitFor();
  stage.step('a page of a foreign origin reads no answer to a request with cookies');

  const input = `{ email: "ada@acme.example", password: "${PASSWORD}", transport: TOKEN }`;
  const { status, data, errors } = await send(page, server, `mutation { signIn(input: ${input}) { token } }`, 'omit');
  same([status, data, errors[0].extensions.reason], [200, { signIn: null }, 'FOREIGN_ORIGIN'], 'signing in');
  const plans = await send(page, server, '{ plans { code } viewer { name } }', 'omit');
  same([plans.data.plans.length, plans.data.viewer], [4, null], 'public fields');
  stage.step('without cookies it reads public fields, and learns why it may not sign in');
}

async function onAnotherSite(stage, server, base) {
  const { page } = await stage.visit({ deskbell: server, websites: [{ base }] });
  await signIn(page, base);
  await page.getByRole('alert').filter({ hasText: 'The browser does not send the cookie.' }).waitFor();
  stage.step('the browser keeps no cookie for a page of another site, even if its origin is allowed');
}

async function signIn(page, base) {
  await page.goto(base);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Sends an operation from a page. */
function send(page, server, query, credentials) {
  return page.evaluate(
    async ([url, init]) => {
      const response = await fetch(url, init);
      return { status: response.status, ...(await response.json()) };
    },
    [
      `${server.base}/graphql`,
      {
        method: 'POST',
        credentials,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      },
    ],
  );
}

/** The name of the viewer of a WebSocket that the page opens. */
function socketViewer(page, server) {
  return page.evaluate(
    (url) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, 'graphql-transport-ws');
        const send = (message) => socket.send(JSON.stringify(message));
        socket.onopen = () => send({ type: 'connection_init' });
        socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`));
        socket.onmessage = ({ data }) => {
          const { type, payload } = JSON.parse(data);
          if (type === 'connection_ack') {
            send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { name } }' } });
          } else if (type === 'next') {
            resolve(payload.data.viewer?.name ?? null);
            socket.close();
          }
        };
      }),
    `${server.base.replace(/^http/, 'ws')}/graphql`,
  );
}

/** Runs the example. Port 0 takes a free one. */
async function serve(server, port) {
  const child = spawn(process.execPath, [SERVE, server, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await within(once(createInterface({ input: child.stdout }), 'line'), 'the address of the page');
  return { child, base: line.split(' ').at(-1) };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
