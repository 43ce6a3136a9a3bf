// Runs all clients, each against the same server with a temporary database, and the examples:
//   node all.mjs PATH/TO/deskbell [direct|library]
// The second argument selects the writer of WebSocket frames, which is a setting of debug builds
// only. With `library`, only the WebSocket clients run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, start } from './deskbell.mjs';
import { runExamples } from './examples.mjs';

const [binary, writer = 'direct'] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node all.mjs PATH/TO/deskbell [direct|library]');
  process.exit(2);
}

const CLIENT_MS = 180_000;

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'deskbell-clients-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

async function client(base, file) {
  const child = spawn(process.execPath, [here(file), base], { stdio: 'inherit', env: environment });
  const timer = setTimeout(() => child.kill(), CLIENT_MS);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(timer);
  return code === 0 ? [] : [`${file} (${signal ? `stopped after ${CLIENT_MS} ms` : `exit status ${code}`})`];
}

const failed = [];
const server = await start(binary, folder, { settings: { DESKBELL_WEBSOCKET_WRITER: writer } });
const files = writer === 'direct' ? ['audit', 'graphql-ws', 'graphql-sse'] : ['graphql-ws'];
for (const file of files) {
  failed.push(...(await client(server.base, `./${file}.mjs`)));
}
// Clients must not cause errors or warnings of the server.
failed.push(...(await server.stop()));
if (writer === 'direct') {
  failed.push(...(await runExamples(binary, folder)));
}

for (const failure of failed) {
  console.error(`FAILED ${failure}`);
}
if (failed.length > 0) {
  process.exit(1);
}
console.log(`all clients passed (WebSocket frames: ${writer})`);
