// Runs the GraphQL over HTTP working group's audit: all MUST, SHOULD and MAY rules.
import { auditServer } from 'graphql-http';
import { base, check, endpoint, same } from './server.mjs';

/** The number of audits in this version of graphql-http. Fewer would mean that some did not run. */
const AUDITS = 61;

/** Audits that fail on purpose, each with its reason: `{ 'ID': 'why' }`. Keep it empty. */
const EXPECTED_FAILURES = {};

console.log(`graphql-http audit against ${base}`);
const results = await auditServer({ url: endpoint });

const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
for (const { status } of results) {
  counts[status] += 1;
}
const failed = results.filter(({ status }) => status !== 'ok');
for (const { id, name, status, reason } of failed) {
  console.error(`  ${status.toUpperCase()} ${id} ${name}: ${reason}${id in EXPECTED_FAILURES ? ' (expected)' : ''}`);
}
console.log(Object.entries(counts).map(([status, count]) => `  ${status}: ${count}`).join('\n'));

try {
  same(results.length, AUDITS, 'number of audits');
  same(failed.map(({ id }) => id).sort(), Object.keys(EXPECTED_FAILURES).sort(), 'failed audits');
  check(counts.ok + failed.length === AUDITS, 'an audit has an unknown status');
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
console.log(`graphql-http: ${counts.ok} of ${AUDITS} audits passed`);
