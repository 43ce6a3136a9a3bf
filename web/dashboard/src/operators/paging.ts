// Which part of the list of operators is shown. It is all in the address, so that going back brings the same list again.

export const PAGE_SIZE = 50;
/** The most characters that the server searches for. */
export const LONGEST_SEARCH = 100;

/** Where a page begins or ends. A cursor stays good when what it was made from is gone. */
export type Position = { at: 'start' } | { at: 'end' } | { at: 'after' | 'before'; cursor: string };

export const START: Position = { at: 'start' };

/** The arguments of a connection for a page. */
export interface Window {
  first: number | null;
  after: string | null;
  last: number | null;
  before: string | null;
}

export function windowOf(position: Position): Window {
  const none: Window = { first: null, after: null, last: null, before: null };
  switch (position.at) {
    case 'start':
      return { ...none, first: PAGE_SIZE };
    case 'end':
      return { ...none, last: PAGE_SIZE };
    case 'after':
      return { ...none, first: PAGE_SIZE, after: position.cursor };
    case 'before':
      return { ...none, last: PAGE_SIZE, before: position.cursor };
  }
}

/** What a page says of itself. */
export interface Shown {
  nodes: readonly unknown[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor?: string | null;
    endCursor?: string | null;
  };
}

export function next({ pageInfo }: Shown): Position | null {
  return pageInfo.hasNextPage && pageInfo.endCursor ? { at: 'after', cursor: pageInfo.endCursor } : null;
}

export function previous({ pageInfo }: Shown): Position | null {
  return pageInfo.hasPreviousPage && pageInfo.startCursor ? { at: 'before', cursor: pageInfo.startCursor } : null;
}

/**
 * The page to show instead, when the list has changed under this one; null when it is as good as any.
 *
 * A page that has lost everybody is no page, and the last one stands for it. Where nothing comes before a page that was cut from its
 * end, it is the first page, and is shown as full as that one.
 */
export function settled(position: Position, { nodes, pageInfo }: Shown): Position | null {
  switch (position.at) {
    case 'start':
      return null;
    case 'after':
      return nodes.length === 0 ? { at: 'end' } : null;
    case 'before':
    case 'end':
      return pageInfo.hasPreviousPage ? null : START;
  }
}

export const FILTERS = ['all', 'active', 'inactive'] as const;

export type Filter = (typeof FILTERS)[number];

export interface ListState {
  search: string;
  filter: Filter;
  position: Position;
}

/** Reads the query of an address. Whatever it does not understand is left out. */
export function listStateOf(query: URLSearchParams): ListState {
  const filter = query.get('show');
  const [after, before] = [query.get('after'), query.get('before')];
  return {
    search: (query.get('search') ?? '').slice(0, LONGEST_SEARCH),
    filter: FILTERS.find((one) => one === filter) ?? 'all',
    position: after
      ? { at: 'after', cursor: after }
      : before
        ? { at: 'before', cursor: before }
        : query.has('end')
          ? { at: 'end' }
          : START,
  };
}

/** The query of an address for a list. */
export function queryOf({ search, filter, position }: ListState): URLSearchParams {
  const query = new URLSearchParams();
  if (search !== '') {
    query.set('search', search);
  }
  if (filter !== 'all') {
    query.set('show', filter);
  }
  if (position.at === 'after' || position.at === 'before') {
    query.set(position.at, position.cursor);
  } else if (position.at === 'end') {
    query.set('end', '');
  }
  return query;
}

/** The arguments of the list that a state shows. */
export function variablesOf({ search, filter, position }: ListState) {
  return {
    ...windowOf(position),
    isActive: filter === 'all' ? null : filter === 'active',
    search: search.trim() === '' ? null : search.trim(),
  };
}
