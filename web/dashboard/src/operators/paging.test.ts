import { describe, expect, it } from 'vitest';
import {
  corrected,
  type ListState,
  listStateOf,
  next,
  type Position,
  previous,
  queryOf,
  START,
  variablesOf,
} from './paging';

/** A page with people `from` to `to`. Cursors are their numbers. */
function page(from: number, to: number, hasPreviousPage: boolean, hasNextPage: boolean) {
  const nodes = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  const [first, last] = [nodes[0], nodes.at(-1)];
  return {
    nodes,
    pageInfo: {
      hasPreviousPage,
      hasNextPage,
      startCursor: first === undefined ? null : String(first),
      endCursor: last === undefined ? null : String(last),
    },
  };
}

describe('a page', () => {
  it('leads to the previous and the next page, if they exist', () => {
    const middle = page(51, 100, true, true);
    expect(next(middle)).toEqual({ at: 'after', cursor: '100' });
    expect(previous(middle)).toEqual({ at: 'before', cursor: '51' });
    const only = page(1, 3, false, false);
    expect([next(only), previous(only)]).toEqual([null, null]);
  });

  it('is replaced by the last page when it is empty', () => {
    const emptied = page(51, 50, true, false);
    expect(corrected({ at: 'after', cursor: '50' }, emptied)).toEqual({ at: 'end' });
    expect(corrected({ at: 'after', cursor: '50' }, page(51, 51, true, false))).toBeNull();
  });

  it('is the first page when nothing comes before it', () => {
    expect(corrected({ at: 'before', cursor: '51' }, page(11, 50, false, true))).toEqual(START);
    expect(corrected({ at: 'before', cursor: '51' }, page(51, 50, false, true))).toEqual(START);
    expect(corrected({ at: 'end' }, page(1, 20, false, false))).toEqual(START);
    expect(corrected({ at: 'before', cursor: '101' }, page(51, 100, true, true))).toBeNull();
    expect(corrected({ at: 'end' }, page(51, 100, true, false))).toBeNull();
  });

  it('stays the first page, even when it is empty', () => {
    expect(corrected(START, page(1, 0, false, false))).toBeNull();
  });
});

describe('an address', () => {
  const positions: Position[] = [START, { at: 'end' }, { at: 'after', cursor: 'a-_1' }, { at: 'before', cursor: 'b' }];

  it('has the state of the list, without defaults', () => {
    for (const position of positions) {
      const state: ListState = { search: 'a&b = ž', filter: 'inactive', position };
      expect(listStateOf(new URLSearchParams(queryOf(state).toString()))).toEqual(state);
    }
    expect(queryOf({ search: '', filter: 'all', position: START }).toString()).toBe('');
  });

  it('may be malformed', () => {
    const nonsense = new URLSearchParams('show=everybody&after=&before=&page=7');
    expect(listStateOf(nonsense)).toEqual({ search: '', filter: 'all', position: START });
    expect(listStateOf(new URLSearchParams({ search: 'x'.repeat(500) })).search).toHaveLength(100);
  });
});

describe('the query', () => {
  const asked = (state: Partial<ListState>) => variablesOf({ search: '', filter: 'all', position: START, ...state });

  it('has fifty items from the start, after a cursor, or before one', () => {
    expect(asked({})).toMatchObject({ first: 50, last: null, after: null, before: null, isActive: null, search: null });
    expect(asked({ position: { at: 'after', cursor: 'c' } })).toMatchObject({ first: 50, after: 'c', last: null });
    expect(asked({ position: { at: 'before', cursor: 'c' } })).toMatchObject({ last: 50, before: 'c', first: null });
    expect(asked({ position: { at: 'end' } })).toMatchObject({ last: 50, before: null, first: null });
  });

  it('has the search and the filter', () => {
    expect(asked({ search: ' ada ', filter: 'active' })).toMatchObject({ search: 'ada', isActive: true });
    expect(asked({ search: '  ', filter: 'inactive' })).toMatchObject({ search: null, isActive: false });
  });
});
