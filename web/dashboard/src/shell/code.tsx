// The code of a page comes when the page is opened for the first time, or before that, when there is nothing else to do.
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
 * What shows a page at a route. The code is asked for whenever the page is opened: what did not come once may come the next time. (A route
 * that is `lazy` fails for good.)
 */
export function page(code: Code): Pick<RouteObject, 'loader' | 'shouldRevalidate' | 'Component'> {
  return { loader: async () => (await code()).Component, shouldRevalidate: () => false, Component: Page };
}

function Page() {
  const Component = useLoaderData() as ComponentType;
  return <Component />;
}

/**
 * Whether an error says that the code of a page did not come, by what Chrome, Firefox, Safari and Vite call that. Any other is a fault of
 * the page.
 */
export function isCodeMissing(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|module script|preload CSS/i.test(error.message);
}

/** Fetches the code of pages that are likely to be opened, so that it is there even when the server is not. */
export function fetchAhead(isManager: boolean) {
  for (const code of isManager ? Object.values(PAGES) : [PAGES.profile]) {
    // Whoever opens the page is told.
    code().catch(() => {});
  }
}
