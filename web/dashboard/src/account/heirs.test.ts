import { describe, expect, it } from 'vitest';
import { heirsOf } from './heirs';

const ada = { name: 'Ada', isOwner: true, isInvited: false };
const bob = { name: 'Bob', isOwner: false, isInvited: false };
const ivo = { name: 'Ivo', isOwner: false, isInvited: true };

describe('possible new owners', () => {
  it('are operators other than the owner who have a password', () => {
    expect(heirsOf({ nodes: [ada, bob, ivo], totalCount: 3 }, '')).toEqual({ heirs: [bob], remark: null });
  });

  it('may not exist, or not match the search', () => {
    expect(heirsOf({ nodes: [ada, ivo], totalCount: 2 }, ' ').remark).toBe('noHeirYet');
    expect(heirsOf({ nodes: [ivo], totalCount: 1 }, 'ivo').remark).toBe('noHeirFound');
  });

  it('may be missing in a list that is cut off', () => {
    expect(heirsOf({ nodes: [ada, bob], totalCount: 101 }, '')).toEqual({ heirs: [bob], remark: 'moreHeirs' });
    expect(heirsOf({ nodes: [ada, ivo], totalCount: 101 }, '').remark).toBe('moreHeirs');
  });

  it('are unknown while the list loads', () => {
    expect(heirsOf(undefined, '')).toEqual({ heirs: [], remark: null });
  });
});
