// The visible part of the list of operators. The URL has all of it, so that the back button
// restores the list.

export const PAGE_SIZE = 50;
/** Maximum length of a search, as on the server. */
export const LONGEST_SEARCH = 100;

/** Start or end of a page. A cursor stays valid after its operator is removed. */
export type Position = { at: 'start' } | { at: 'end' } | { at: 'after' | 'before'; cursor: string };

export const START: Position = { at: 'start' };

/** The connection's arguments for a page. */
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

/** The page that the server returned. */
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
 * The page to show instead after the list has changed; null if the current page is fine.
 *
 * An empty page is replaced by the last page. A page that was cut from the end and has no previous
 * page is the first page, and is replaced by a full first page.
 */
export function corrected(position: Position, { nodes, pageInfo }: Shown): Position | null {
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

/** Parses the query of a URL. Invalid parts are ignored. */
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

/** The query of the URL for a list. */
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

/** The connection's arguments for a list. */
export function variablesOf({ search, filter, position }: ListState) {
  return {
    ...windowOf(position),
    isActive: filter === 'all' ? null : filter === 'active',
    search: search.trim() === '' ? null : search.trim(),
  };
}
