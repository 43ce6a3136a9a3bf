// What the pages of the server allow: what comes from the server itself, and little else.
import { same } from '../../clients/check.mjs';

/** What is allowed beside what comes from the server itself. */
const ALSO = {
  everywhere: { 'img-src': ['blob:', 'data:'] },
  // Its editor writes styles into the page.
  '/graphiql': { 'style-src': ["'unsafe-inline'"] },
};

/** What a page allows by its headers, once it is certain that it is little. */
export function policyOf(path, headers) {
  const policy = new Map(
    (headers['content-security-policy'] ?? '').split(';').map((directive) => {
      const [name, ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
  same(policy.get('default-src'), ["'none'"], `default-src of ${path}`);
  for (const [name, sources] of policy) {
    const allowed = ["'self'", "'none'", ...(ALSO[path]?.[name] ?? ALSO.everywhere[name] ?? [])];
    const others = sources.filter((source) => !allowed.includes(source));
    same(others, [], `what ${name} of ${path} allows beside ${allowed.join(' ')}`);
  }
  same(headers['x-content-type-options'], 'nosniff', `x-content-type-options of ${path}`);
  return policy;
}
