import { check, same } from '../../clients/check.mjs';
import { company } from '../stage/people.mjs';
import { policyOf } from '../stage/policy.mjs';

export const title = 'All pages of the server have a strict policy, which the browser enforces';

const PAGES = [
  '/',
  '/sign-in',
  '/sign-up',
  '/forgot-password',
  '/recover-password',
  '/accept-invitation',
  '/visitors',
  '/welcome',
  '/profile',
  '/settings',
  '/settings/operators',
  '/settings/operators/new',
  '/settings/plan',
  '/settings/account',
  '/graphiql',
];

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const visit = await stage.visit();
  const { page } = visit;
  visit.forgive(/script-src-elem.*inline/, /inline script violates/);
  for (const path of [...PAGES, `/availability/${acme.widgetKey}/badge.svg`]) {
    const answer = await page.goto(path);
    const policy = policyOf(path, answer.headers());
    if (PAGES.includes(path)) {
      same(policy.get('frame-ancestors'), ["'none'"], `frame-ancestors of ${path}`);
    }
    const ran = await page.evaluate(() => {
      const script = document.createElementNS('http://www.w3.org/1999/xhtml', 'script');
      script.textContent = 'globalThis.ran = true';
      document.documentElement.append(script);
      return globalThis.ran === true;
    });
    check(!ran, `${path} runs an inline script`);
  }
  stage.step(`${PAGES.length} pages, none of which runs an inline script`);

  // A browser can also be sent to the URL of an error.
  const lost = await stage.visit();
  lost.forgive(/HTTP 404/, /status of 404/);
  for (const path of ['/no-such-page', '/assets/no-such-file.js', `/availability/wk_${'A'.repeat(22)}`]) {
    const answer = await lost.page.goto(path);
    same([answer.status(), answer.headers()['x-content-type-options']], [404, 'nosniff'], path);
  }
  stage.step('error responses are not interpreted by browsers');
}
