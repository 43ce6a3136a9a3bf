// Runs axe-core on the current page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { check } from '../../clients/check.mjs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Fails with all violations that axe finds, except for rules that third-party code breaks. */
export async function checkAccessible(page, what, { except = [] } = {}) {
  await page.evaluate(source);
  const violations = await page.evaluate(
    async ([tags, left]) => {
      const rules = Object.fromEntries(left.map((rule) => [rule, { enabled: false }]));
      const found = await globalThis.axe.run(document, { runOnly: tags, rules, resultTypes: ['violations'] });
      return found.violations.map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes.slice(0, 4).map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
      }));
    },
    [TAGS, except],
  );
  const told = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n      ${nodes.join('\n      ').replaceAll(/\s*\n\s*/g, '\n      ')}`,
  );
  check(told.length === 0, `axe on ${what}:\n    ${told.join('\n    ')}`);
}
