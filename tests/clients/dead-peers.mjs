// Clients that vanish without FIN or RST are dropped in time, behind nothing and behind nginx.
// Clients that are silent, but answer pings, stay connected.
//   node dead-peers.mjs PATH/TO/deskbell PATH/TO/nginx CERTIFICATE KEY
// Needs network, mount and process namespaces that end with it. packaging/tests/all makes them.
//
//   gone ───┐            ┌─── here: servers, one of them behind nginx
//           ├── router ──┤
//   alive ──┘            └─── proxy: nginx
//
// A client vanishes when the router drops all packets to it. Like most of the Internet, the router
// sends no ICMP message. Without a router, the kernel would report an unreachable neighbour.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { check, until } from './check.mjs';
import { environment, start } from './deskbell.mjs';

const [binary, nginx, certificate, key] = process.argv.slice(2);
if (!key) {
  console.error('usage: node dead-peers.mjs PATH/TO/deskbell PATH/TO/nginx CERTIFICATE KEY');
  process.exit(2);
}

// It changes the network and /run, so never those of the machine.
if (process.pid !== 1) {
  console.error('dead-peers.mjs runs in namespaces of its own, as packaging/tests/all starts it');
  process.exit(2);
}

const KEEPALIVE_S = 2;
const LIMIT_MS = (2 * KEEPALIVE_S + 5) * 1000;
/**
 * How often the kernel of nginx repeats data before it closes the connection: here it takes 3 to
 * 13 s, and with the default of 15 a quarter of an hour.
 */
const PROXY_TCP_RETRIES = 3;
const PROXY_LIMIT_MS = 15_000;

const ADDRESSES = { here: '10.0.1.2', proxy: '10.0.2.2', gone: '10.0.3.2', alive: '10.0.4.2' };
const GAUGES = { WebSocket: 'deskbell_websockets', 'event stream': 'deskbell_event_streams' };

const folder = mkdtempSync(join(tmpdir(), 'deskbell-dead-peers-'));
const children = new Set();
process.on('exit', () => {
  children.forEach((child) => child.kill('SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
});

const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' });
const ip = (...args) => run('ip', ...args);
const on = (host, program, ...args) => ip('netns', 'exec', host, program, ...args);
const set = (host, setting, value) => on(host, 'sh', '-c', `echo ${value} >/proc/sys/net/ipv4/${setting}`);

/** Starts a program on a host. It is killed when this process ends. */
function launch(host, program, args, options) {
  const child = spawn('ip', ['netns', 'exec', host, program, ...args], options);
  children.add(child);
  return child;
}

function connectHosts() {
  // The names of network namespaces are files here, in the mount namespace of this process.
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run');
  ip('netns', 'attach', 'here', String(process.pid));
  ip('netns', 'add', 'router');
  set('router', 'ip_forward', 1);
  for (const [host, address] of Object.entries(ADDRESSES)) {
    const gateway = address.replace(/2$/, '1');
    if (host !== 'here') {
      ip('netns', 'add', host);
    }
    ip('-n', host, 'link', 'set', 'lo', 'up');
    ip('-n', host, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', host, 'netns', 'router');
    ip('-n', host, 'address', 'add', `${address}/24`, 'dev', 'wire');
    ip('-n', host, 'link', 'set', 'wire', 'up');
    ip('-n', 'router', 'address', 'add', `${gateway}/24`, 'dev', host);
    ip('-n', 'router', 'link', 'set', host, 'up');
    ip('-n', host, 'route', 'add', 'default', 'via', gateway);
  }
}

function vanish(host) {
  ip('-n', 'router', 'route', 'add', 'blackhole', `${ADDRESSES[host]}/32`);
  ip('-n', host, 'link', 'set', 'wire', 'down');
}

/** Starts a server, and signs up an account. */
async function serve(port, settings = {}) {
  const own = join(folder, String(port));
  mkdirSync(own);
  const metrics = `127.0.0.1:${port + 1000}`;
  const server = await start(binary, own, {
    settings: {
      DESKBELL_LISTEN: `${ADDRESSES.here}:${port}`,
      DESKBELL_METRICS_LISTEN: metrics,
      DESKBELL_WS_KEEPALIVE: `${KEEPALIVE_S}s`,
      // A new socket is not pinged before this time.
      DESKBELL_WS_INIT_TIMEOUT: `${KEEPALIVE_S}s`,
      DESKBELL_SSE_KEEPALIVE: '1s',
      ...settings,
    },
  });
  return { server, metrics: `http://${metrics}/metrics`, widgetKey: await signUp(server) };
}

async function signUp({ base }) {
  const query = `mutation {
    signUp(input: { accountName: "Acme", name: "Ada", email: "ada@example.com", password: "trellis-0391-umbra", transport: TOKEN }) {
      account { widgetKey }
    }
  }`;
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const answer = await response.json();
  check(answer.data?.signUp?.account, `signUp answered ${JSON.stringify(answer)}`);
  return answer.data.signUp.account.widgetKey;
}

/** Starts nginx with the site of packaging/, in front of the server on this port. */
async function startNginx(port) {
  const site = readFileSync(new URL('../../packaging/nginx.conf', import.meta.url), 'utf8')
    .replace('127.0.0.1:8080', `${ADDRESSES.here}:${port}`)
    .replace(/\S+fullchain\.pem/, certificate)
    .replace(/\S+privkey\.pem/, key)
    // Some machines have no IPv6.
    .replace(/.*listen \[::\].*\n/g, '');
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(' ');
  const config = join(folder, 'nginx.conf');
  // A user namespace may have no other user than root.
  writeFileSync(
    config,
    `daemon off; user root; pid ${join(folder, 'nginx.pid')}; error_log stderr; events {}
    http { access_log off; ${temporary}\n${site} }`,
  );
  launch('proxy', nginx, ['-e', 'stderr', '-p', folder, '-c', config], { stdio: 'inherit' });
  await until(() => on('proxy', 'ss', '-Hltn', 'sport', '443'), Boolean, 'nginx');
}

/** Starts a visitor, and waits until both of its connections have a state. */
async function visit(host, url, widgetKey) {
  const program = fileURLToPath(new URL('visitor.mjs', import.meta.url));
  const visitor = launch(host, process.execPath, [program, url, widgetKey], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The certificate is for another name, and Node would warn that it is not verified.
    env: { ...environment, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
  });
  const ports = {};
  const ended = [];
  createInterface({ input: visitor.stdout }).on('line', (line) => {
    const event = JSON.parse(line);
    if (event.port) {
      ports[event.transport] = event.port;
    } else {
      ended.push(`${host}, ${event.transport} to ${url}: ${event.ended}`);
    }
  });
  const both = () => Object.keys(ports).length === 2;
  await until(both, (are) => are || ended.length > 0, `the first states of ${host} from ${url}`);
  check(both(), ended.join(', '));
  return { ports, ended };
}

async function gauge(metrics, name) {
  const text = await (await fetch(metrics)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

connectHosts();
const [direct, quiet, proxied] = await Promise.all([
  serve(8080),
  // Sends no data to a stream, so that only the probes of the kernel find a dead peer.
  serve(8082, { DESKBELL_SSE_KEEPALIVE: '20s' }),
  serve(8081, {
    DESKBELL_PUBLIC_URL: 'https://chat.example.com',
    DESKBELL_TRUSTED_PROXIES: ADDRESSES.proxy,
  }),
  startNginx(8081),
]);
const paths = [
  { name: 'behind nothing', ...direct, url: `http://${ADDRESSES.here}:8080`, host: 'here' },
  { name: 'behind nothing, without comments', ...quiet, url: `http://${ADDRESSES.here}:8082`, host: 'here' },
  { name: 'behind nginx', ...proxied, url: `https://${ADDRESSES.proxy}`, host: 'proxy' },
];
const visits = (host) => Promise.all(paths.map(({ url, widgetKey }) => visit(host, url, widgetKey)));
const [gone, alive] = await Promise.all([visits('gone'), visits('alive')]);
const cases = paths.flatMap((path, number) =>
  Object.keys(GAUGES).map((transport) => ({ ...path, transport, port: gone[number].ports[transport] })),
);
for (const { name, metrics, transport } of cases) {
  const count = await gauge(metrics, GAUGES[transport]);
  check(count === 2, `${name}: ${count} connections of kind ${transport} instead of 2`);
}

vanish('gone');
const vanished = Date.now();

/**
 * Waits until the server no longer counts the connection, and the kernel no longer lists it. The
 * kernel of the proxy repeats the last bytes and the FIN, which takes it minutes, without nginx.
 */
async function isDropped({ name, transport, metrics, host, port }, limitMs = LIMIT_MS) {
  const what = `${transport} ${name}`;
  const elapsed = () => Date.now() - vanished;
  const left = () => Math.max(0, limitMs - elapsed());
  await until(() => gauge(metrics, GAUGES[transport]), (count) => count === 1, `${what}: a count of 1`, left());
  const counted = elapsed();
  const filter = host === 'proxy' ? ['state', 'established'] : [];
  const listed = () => on(host, 'ss', '-Htn', ...filter, 'dst', `${ADDRESSES.gone}:${port}`);
  await until(listed, (lines) => lines === '', `${what}: the end of the TCP connection`, left());
  console.log(`  ok ${what}: dropped by the server after ${counted} ms, by the kernel after ${elapsed()} ms`);
}

const [proxiedSocket, proxiedStream] = cases.splice(-2);
const outcomes = await Promise.allSettled([
  ...cases.map((one) => isDropped(one)),
  isDropped(proxiedSocket).finally(() => {
    // Only now, because it would also end the WebSocket, which the server must do.
    set('proxy', 'tcp_retries2', PROXY_TCP_RETRIES);
  }),
  isDropped(proxiedStream, PROXY_LIMIT_MS),
  // In this time, the other clients must not be dropped.
  new Promise((resolve) => setTimeout(resolve, LIMIT_MS)),
]);
const failures = outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.message);
failures.push(...alive.flatMap(({ ended }) => ended));
for (const { name, server } of paths) {
  failures.push(...(await server.stop([/^DESKBELL_SIGN_UP is on/])).map((complaint) => `${name}: ${complaint}`));
}
for (const failure of failures) {
  console.error(`  FAILED ${failure}`);
}
process.exit(failures.length > 0 ? 1 : 0);
