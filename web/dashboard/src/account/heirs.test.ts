import { describe, expect, it } from 'vitest';
import { heirsOf } from './heirs';

const ada = { name: 'Ada', isOwner: true, isInvited: false };
const bob = { name: 'Bob', isOwner: false, isInvited: false };
const ivo = { name: 'Ivo', isOwner: false, isInvited: true };

describe('whoever can become the owner', () => {
  it('is not the owner, and has a password', () => {
    expect(heirsOf({ nodes: [ada, bob, ivo], totalCount: 3 }, '')).toEqual({ heirs: [bob], remark: null });
  });

  it('is nobody, or nobody who is called so', () => {
    expect(heirsOf({ nodes: [ada, ivo], totalCount: 2 }, ' ').remark).toBe('noHeirYet');
    expect(heirsOf({ nodes: [ivo], totalCount: 1 }, 'ivo').remark).toBe('noHeirFound');
  });

  it('may not be in the list, which has an end', () => {
    expect(heirsOf({ nodes: [ada, bob], totalCount: 101 }, '')).toEqual({ heirs: [bob], remark: 'moreHeirs' });
    expect(heirsOf({ nodes: [ada, ivo], totalCount: 101 }, '').remark).toBe('moreHeirs');
  });

  it('is not known yet', () => {
    expect(heirsOf(undefined, '')).toEqual({ heirs: [], remark: null });
  });
});
