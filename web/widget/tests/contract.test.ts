import { expect, it } from 'vitest';
import type * as today from '../src/contract';
import type * as first from './firstContract';

/** Compiles only if the one can be used as the other. */
const fits = <Wanted>(_: (given: Wanted) => void): true => true;

it('files of this version work with those of the first one', () => {
  // Its `chat.js` in the `widget.js` of today, and the other way round.
  expect(fits<first.ChatScript>((given): today.ChatScript => given)).toBe(true);
  expect(fits<today.ChatScript>((given): first.ChatScript => given)).toBe(true);
  expect(fits<today.ChatDesk>((given): first.ChatDesk => given)).toBe(true);
  expect(fits<today.ChatPlace>((given): first.ChatPlace => given)).toBe(true);
});
