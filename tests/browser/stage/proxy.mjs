// A common kind of proxy: it forwards HTTP, and rejects WebSocket upgrades. It can also be a
// network that loses everything without closing anything.

import { once } from 'node:events';
import { createServer, request } from 'node:http';

export class Proxy {
  /** The server behind it: `http://127.0.0.1:34567`. */
  target = '';
  /** The number of rejected WebSockets. */
  refused = 0;
  /** Whether it forwards upgrades too. */
  passesUpgrades = false;
  /** Whether it accepts requests and upgrades without an answer. */
  isSilent = false;
  /** The number of visitors' messages whose answers get lost on the way back. */
  losesAnswers = 0;
  /** How long each request takes to the server. */
  delayMs = 0;
  #streams = new Set();
  /** Both ends of each forwarded WebSocket. */
  #tunnels = new Set();
  #server = createServer((incoming, answer) => this.#pass(incoming, answer));

  static async open() {
    const proxy = new Proxy();
    proxy.#server.on('upgrade', (incoming, socket, head) => proxy.#upgrade(incoming, socket, head));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.base = `http://127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  /** The number of open event streams. */
  get streams() {
    return this.#streams.size;
  }

  /** Closes all event streams. */
  breakStreams() {
    for (const answer of this.#streams) {
      answer.destroy();
    }
  }

  /** The number of open WebSockets. */
  get sockets() {
    return this.#tunnels.size;
  }

  /** From now on, nothing arrives at either end, and nothing is closed. */
  silence() {
    this.isSilent = true;
    for (const [near, far] of this.#tunnels) {
      near.unpipe(far).resume();
      far.unpipe(near).resume();
    }
  }

  #forward(incoming) {
    const { hostname, port } = new URL(this.target);
    const { url: path, method, headers } = incoming;
    return request({ hostname, port, path, method, headers });
  }

  async #pass(incoming, answer) {
    if (this.isSilent) {
      return;
    }
    if (this.delayMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    }
    const forwarded = this.#forward(incoming);
    let body = '';
    incoming.on('data', (part) => {
      body += part;
    });
    forwarded.on('response', (response) => {
      if (this.losesAnswers > 0 && body.includes('sendChatMessage')) {
        this.losesAnswers -= 1;
        answer.destroy();
        return;
      }
      if (response.headers['content-type'] === 'text/event-stream') {
        this.#streams.add(answer);
        answer.on('close', () => this.#streams.delete(answer));
      }
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    forwarded.on('error', () => answer.destroy());
    answer.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  }

  #upgrade(incoming, socket, head) {
    socket.on('error', () => {});
    if (this.isSilent) {
      this.#hold([socket]);
      return;
    }
    if (!this.passesUpgrades) {
      this.refused += 1;
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const forwarded = this.#forward(incoming);
    forwarded.on('upgrade', (response, other) => {
      const headers = Object.entries(response.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`);
      other.write(head);
      other.on('error', () => {});
      other.pipe(socket).pipe(other);
      this.#hold([socket, other]);
    });
    forwarded.on('error', () => socket.destroy());
    forwarded.end();
  }

  #hold(ends) {
    this.#tunnels.add(ends);
    ends[0].on('close', () => this.#tunnels.delete(ends));
  }

  async close() {
    this.#tunnels.forEach((ends) => ends.forEach((end) => end.destroy()));
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
