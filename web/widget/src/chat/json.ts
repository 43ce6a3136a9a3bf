// Writes JSON. `JSON.stringify` would call the `toJSON` that old libraries add to strings and
// arrays.

import { quoted } from '../availability';

export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json };

/** Members that are undefined are left out. */
export function json(value: Json): string {
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (typeof value !== 'object' || value === null) {
    return String(value ?? null);
  }
  let inner = '';
  if (Array.isArray(value)) {
    for (const one of value as readonly Json[]) {
      inner += `${inner && ','}${json(one)}`;
    }
    return `[${inner}]`;
  }
  for (const [name, one] of membersOf(value as { readonly [name: string]: Json })) {
    inner += `${inner && ','}${quoted(name)}:${json(one)}`;
  }
  return `{${inner}}`;
}

const isOwn = Object.prototype.hasOwnProperty;

function membersOf(value: { readonly [name: string]: Json }): [string, Json][] {
  const found: [string, Json][] = [];
  for (const name in value) {
    // Libraries add members to the prototype of all objects.
    if (isOwn.call(value, name) && value[name] !== undefined) {
      found.push([name, value[name]]);
    }
  }
  return found;
}
