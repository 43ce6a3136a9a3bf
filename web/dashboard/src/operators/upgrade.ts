// What the plan page receives from the dialog about a missing seat: state of the navigation.
import type { ActivityTarget } from './useActivity';

export interface Upgrade {
  /** The operator who gets the new seat. */
  operator: ActivityTarget;
  /** The page to return to. */
  back: string;
}

/** Pages to which the plan page returns. From any other, it leads to the list of operators. */
const RETURNS_TO: readonly string[] = ['/settings/operators', '/visitors'];

export function upgradeState({ id, name }: ActivityTarget, { pathname, search }: { pathname: string; search: string }) {
  const back = RETURNS_TO.includes(pathname) ? pathname + search : '/settings/operators';
  const upgrade: Upgrade = { operator: { id, name }, back };
  return { upgrade };
}

export function upgradeOf(state: unknown): Upgrade | null {
  return typeof state === 'object' && state !== null && 'upgrade' in state ? (state.upgrade as Upgrade) : null;
}
