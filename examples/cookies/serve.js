// Serves the page at an origin that the server must allow:
//   npm start -- http://127.0.0.1:8080 5174
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [server = 'http://127.0.0.1:8080', port = '5174'] = process.argv.slice(2);
const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const files = {
  '/': ['text/html', read('index.html').replace('SERVER', server)],
  '/page.js': ['text/javascript', read('page.js')],
  '/deskbell.js': ['text/javascript', read('deskbell.js')],
};

createServer(({ url }, response) => {
  const [type, text] = files[url] ?? [];
  response.writeHead(text ? 200 : 404, { 'content-type': `${type ?? 'text/plain'}; charset=utf-8` });
  response.end(text ?? 'Not found');
}).listen(Number(port), '127.0.0.1', function listening() {
  const origin = `http://127.0.0.1:${this.address().port}`;
  console.log(`The page is at ${origin}`);
  console.log(`The server must allow it: DESKBELL_ALLOWED_ORIGINS=${origin}`);
});
