// The content security policies of the server's pages: their own server, and little else.
import { same } from '../../clients/check.mjs';

/** Allowed sources in addition to the server itself. */
const ALSO = {
  everywhere: { 'img-src': ['blob:', 'data:'] },
  // The editor inserts styles.
  '/graphiql': { 'style-src': ["'unsafe-inline'"] },
};

/** Parses the policy of a page, and checks that it is strict. */
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
