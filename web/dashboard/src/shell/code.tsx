// Loads the code of pages: when a page opens for the first time, or earlier, when the browser is
// idle.
import type { ComponentType } from 'react';
import { type RouteObject, useLoaderData } from 'react-router';

type Code = () => Promise<{ Component: ComponentType }>;

const profile: Code = () => import('../profile/ProfilePage');
const operators: Code = () => import('../operators/OperatorsPage');
const newOperator: Code = () => import('../operators/NewOperatorPage');
const operator: Code = () => import('../operators/OperatorPage');
const plan: Code = () => import('../plan/PlanPage');
const account: Code = () => import('../account/AccountPage');

export const PAGES = { profile, operators, newOperator, operator, plan, account };

/**
 * The route properties of a page. The import runs each time that the page opens, so it can succeed
 * after a failure. (A `lazy` route fails permanently.)
 */
export function page(code: Code): Pick<RouteObject, 'loader' | 'shouldRevalidate' | 'Component'> {
  return { loader: async () => (await code()).Component, shouldRevalidate: () => false, Component: Page };
}

function Page() {
  const Component = useLoaderData() as ComponentType;
  return <Component />;
}

/**
 * Whether an error means that the code of a page failed to load, by the messages of Chrome,
 * Firefox, Safari and Vite. Any other error is a bug of the page.
 */
export function isCodeMissing(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|module script|preload CSS/i.test(error.message);
}

/** Prefetches the code of likely pages, so that they open even if the server is unreachable. */
export function fetchAhead(isManager: boolean) {
  for (const code of isManager ? Object.values(PAGES) : [PAGES.profile]) {
    // A failure is reported when the page opens.
    code().catch(() => {});
  }
}
