import { describe, expect, it } from 'vitest';
import { initials } from './Avatar';

describe('initials', () => {
  it('are the first letters of the first name and the last', () => {
    expect(['Ada', 'ada king lovelace', ' ', 'Čeněk Žák'].map(initials)).toEqual(['A', 'AL', '', 'ČŽ']);
  });

  it('are one where they are pictures, of which two are wider than the circle', () => {
    expect(['🦊 🐻', '👩‍🚀', 'Ada 🦊', '🇨🇿 🇪🇺'].map(initials)).toEqual(['🦊', '👩‍🚀', 'A', '🇨🇿']);
  });
});
