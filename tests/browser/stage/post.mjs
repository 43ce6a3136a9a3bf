// A local mail relay that keeps all mails.
import { createServer } from 'node:net';
import { until } from '../../clients/check.mjs';

const MAIL_MS = 20_000;

export class Post {
  #server;
  #mails = [];
  #refuse;

  /** `refuse` returns a reply to an address that is refused, otherwise null. */
  static async open(refuse = () => null) {
    const post = new Post();
    post.#refuse = refuse;
    post.#server = createServer((socket) => post.#converse(socket));
    await new Promise((resolve) => post.#server.listen(0, '127.0.0.1', resolve));
    return post;
  }

  /** The value for `DESKBELL_SMTP_URL`. */
  get url() {
    return `smtp://127.0.0.1:${this.#server.address().port}?tls=none`;
  }

  /** The link to `page` in the latest mail to an address. */
  link(email, page) {
    const find = () => {
      const mails = this.#mails.filter(({ to, text }) => to === email && text.includes(`${page}#token=`));
      return mails.at(-1)?.text.match(new RegExp(`http\\S+${page}#token=[\\w-]+`))?.[0];
    };
    return until(find, Boolean, `the mail to ${email} with a link to ${page}`, MAIL_MS);
  }

  /** The languages of the mails to an address, once there are `count`. */
  languages(email, count) {
    const find = () => this.#mails.filter(({ to }) => to === email).map(({ language }) => language);
    return until(find, (found) => found.length >= count, `${count} mails to ${email}`, MAIL_MS);
  }

  close() {
    this.#server.close();
  }

  #converse(socket) {
    const answer = (line) => socket.write(`${line}\r\n`);
    let rest = '';
    let to = '';
    let data = null;
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop();
      for (const line of lines) {
        if (data !== null) {
          if (line === '.') {
            const language = /^Content-Language: (.*)$/m.exec(data)?.[1];
            this.#mails.push({ to, language, text: decoded(data) });
            data = null;
            answer('250 2.0.0 taken');
          } else {
            data += `${line.replace(/^\./, '')}\n`;
          }
        } else if (/^EHLO/i.test(line)) {
          answer('250-sink.example\r\n250 8BITMIME');
        } else if (/^RCPT TO:/i.test(line)) {
          to = /<(.*)>/.exec(line)[1];
          answer(this.#refuse(to) ?? '250 2.1.5 ok');
        } else if (/^DATA/i.test(line)) {
          data = '';
          answer('354 go on');
        } else if (/^QUIT/i.test(line)) {
          answer('221 2.0.0 bye');
          socket.end();
        } else {
          answer('250 2.0.0 ok');
        }
      }
    });
    answer('220 sink.example ESMTP');
  }
}

/** Links are ASCII, so decoding quoted-printable is enough. */
function decoded(mail) {
  return mail.replaceAll('=\n', '').replaceAll(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number(`0x${code}`)));
}
