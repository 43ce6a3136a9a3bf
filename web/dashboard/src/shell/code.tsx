// Loads the code of pages: when a page opens for the first time, or earlier, when the browser is
// idle.
import type { ComponentType } from 'react';
import { type RouteObject, useLoaderData } from 'react-router';

type Code = () => Promise<{ Component: ComponentType }>;

const profile: Code = () => import('../profile/ProfilePage');
const welcome: Code = () => import('../profile/WelcomePage');
const operators: Code = () => import('../operators/OperatorsPage');
const newOperator: Code = () => import('../operators/NewOperatorPage');
const operator: Code = () => import('../operators/OperatorPage');
const plan: Code = () => import('../plan/PlanPage');
const account: Code = () => import('../account/AccountPage');

export const PAGES = { profile, welcome, operators, newOperator, operator, plan, account };

/** Pages whose code failed to load since this document was opened. */
const failed = new Set<Code>();

/**
 * The route properties of a page. The import runs each time that the page opens, so it can succeed
 * after a failure. (A `lazy` route fails permanently.)
 */
export function page(code: Code): Pick<RouteObject, 'loader' | 'shouldRevalidate' | 'Component'> {
  return { loader: ({ request }) => open(code, request.url), shouldRevalidate: () => false, Component: Page };
}

async function open(code: Code, url: string): Promise<ComponentType> {
  try {
    return (await code()).Component;
  } catch (error) {
    // Some browsers do not repeat a failed import within a document (HTML standard, "module map"),
    // and after an update of the server the code has another name. A new document loads it.
    if (failed.has(code) && (await isReachable(url))) {
      location.assign(url);
      return new Promise(() => {});
    }
    failed.add(code);
    throw error;
  }
}

/** Whether the server serves this page. */
export function isReachable(url: string): Promise<boolean> {
  return fetch(url, { method: 'HEAD', cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );
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
  // An operator sees the page of the first sign-in once.
  const { welcome: _, ...likely } = PAGES;
  for (const code of isManager ? Object.values(likely) : [PAGES.profile]) {
    // A failure is reported when the page opens.
    code().catch(() => failed.add(code));
  }
}
