import { describe, expect, it } from 'vitest';
import { candidatesOf } from './candidates';

const ada = { name: 'Ada', isOwner: true, isInvited: false };
const bob = { name: 'Bob', isOwner: false, isInvited: false };
const ivo = { name: 'Ivo', isOwner: false, isInvited: true };

describe('possible new owners', () => {
  it('are operators other than the owner who have a password', () => {
    expect(candidatesOf({ nodes: [ada, bob, ivo], totalCount: 3 }, '')).toEqual({ candidates: [bob], remark: null });
  });

  it('may not exist, or not match the search', () => {
    expect(candidatesOf({ nodes: [ada, ivo], totalCount: 2 }, ' ').remark).toBe('noCandidateYet');
    expect(candidatesOf({ nodes: [ivo], totalCount: 1 }, 'ivo').remark).toBe('noCandidateFound');
  });

  it('may be missing in a list that is cut off', () => {
    expect(candidatesOf({ nodes: [ada, bob], totalCount: 101 }, '')).toEqual({
      candidates: [bob],
      remark: 'moreCandidates',
    });
    expect(candidatesOf({ nodes: [ada, ivo], totalCount: 101 }, '').remark).toBe('moreCandidates');
  });

  it('are unknown while the list loads', () => {
    expect(candidatesOf(undefined, '')).toEqual({ candidates: [], remark: null });
  });
});
