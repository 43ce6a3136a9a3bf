import { describe, expect, it } from 'vitest';
import { initials } from './Avatar';

describe('initials', () => {
  it('are the first letters of the first and the last name', () => {
    expect(['Ada', 'ada king lovelace', ' ', 'Čeněk Žák'].map(initials)).toEqual(['A', 'AL', '', 'ČŽ']);
  });

  it('are a single emoji or flag, because two are wider than the circle', () => {
    expect(['🦊 🐻', '👩‍🚀', 'Ada 🦊', '🇨🇿 🇪🇺'].map(initials)).toEqual(['🦊', '👩‍🚀', 'A', '🇨🇿']);
  });
});
