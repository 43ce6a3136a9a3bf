// Makes visitor tokens and message ids. The token opens the chat, so it is 256 random
// bits (contract: `vt_` and 43 characters of base64url, RFC 4648, section 5).

import { asToken, tokenName } from '../token';
import type { ChatWorld } from './world';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A new visitor token. */
export function newToken(world: ChatWorld): string {
  return `vt_${base64url(world.bytes(32))}`;
}

/** A new client message id: 128 random bits. */
export function newMessageId(world: ChatWorld): string {
  return base64url(world.bytes(16));
}

/**
 * The token that this page or another one of the site has stored. Null: there is none. Undefined:
 * the storage cannot be read.
 */
export function storedToken(world: ChatWorld, server: string): string | null | undefined {
  const token = world.stored(tokenName(server));
  return token === undefined ? undefined : asToken(token);
}

export function base64url(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    for (; bits >= 6; bits -= 6) {
      text += ALPHABET.charAt((value >> (bits - 6)) & 63);
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET.charAt((value << (6 - bits)) & 63) : text;
}
