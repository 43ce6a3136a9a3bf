// A customer's website: another origin, with its own pages and policies.
import { createServer } from 'node:http';
import { once } from 'node:events';

/** The strictest policy in docs/embedding.md, and nothing more. */
export const strict = (server) =>
  `default-src 'none'; script-src ${server}; connect-src ${server} ${server.replace(/^http/, 'ws')}`;

export const snippet = (server, key, attributes = '') =>
  `<script async src="${server}/widget.js" data-key="${key}"${attributes && ` ${attributes}`}></script>`;

export class Website {
  #pages = new Map();
  #server = createServer((request, response) => {
    const page = this.#pages.get(new URL(request.url, this.base).pathname);
    response.writeHead(page ? 200 : 404, page?.headers);
    response.end(page?.body);
  });

  /** Another site and not only another port, as for a customer, so that cookies are not sent. */
  static async open() {
    const website = new Website();
    website.#server.listen(0, '127.0.0.1');
    await once(website.#server, 'listening');
    website.base = `http://shop.localhost:${website.#server.address().port}`;
    // Browsers request it by themselves.
    website.#pages.set('/favicon.ico', { headers: { 'content-type': 'image/x-icon' }, body: '' });
    return website;
  }

  /** Adds a page. Returns its URL. */
  page(path, body, { policy, lang = 'en', head = '' } = {}) {
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      ...(policy && { 'content-security-policy': policy }),
    };
    const html = `<!doctype html>
<html lang="${lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A shop</title>${head}</head>
<body>${body}</body>
</html>`;
    this.#pages.set(path, { headers, body: html });
    return `${this.base}${path}`;
  }

  file(path, contentType, body) {
    this.#pages.set(path, { headers: { 'content-type': contentType }, body });
    return `${this.base}${path}`;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
