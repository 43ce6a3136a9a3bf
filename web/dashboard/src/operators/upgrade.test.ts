import { expect, it } from 'vitest';
import { upgradeOf, upgradeState } from './upgrade';

const eve = { id: 'T3BlcmF0b3I6MQ', name: 'Eve', email: 'eve@example.com' };
const back = (pathname: string, search = '') => upgradeOf(upgradeState(eve, { pathname, search }))?.back;

it('returns to the list as it was, and from other settings to the list', () => {
  expect(back('/settings/operators', '?search=eve')).toBe('/settings/operators?search=eve');
  expect(back(`/settings/operators/${eve.id}`)).toBe('/settings/operators');
  expect(back('/settings/plan')).toBe('/settings/operators');
  expect(back('/visitors')).toBe('/visitors');
});

it('keeps only what the plan page needs', () => {
  expect(upgradeOf(upgradeState(eve, { pathname: '/visitors', search: '' }))?.operator).toEqual({
    id: eve.id,
    name: 'Eve',
  });
});

it('is absent for any other navigation', () => {
  expect([null, undefined, 'text', {}, { saved: true }].map(upgradeOf)).toEqual(Array(5).fill(null));
});
