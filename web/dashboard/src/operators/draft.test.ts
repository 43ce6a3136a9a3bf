import { describe, expect, it } from 'vitest';
import { changesOf, isChanged, merge, type Profile, profileOf, touch, withoutSaved } from './draft';

const ada: Profile = {
  accessLevel: 'FULL',
  name: 'Ada Lovelace',
  publicName: 'Ada',
  email: 'ada@example.com',
  description: '',
};

describe('a draft', () => {
  it('keeps typed fields, and updates the others', () => {
    const typed = touch(ada, {}, 'name', 'Ada King');
    const changed = { ...ada, name: 'A. Lovelace', description: 'Mathematician' };
    expect(merge(changed, typed)).toEqual({ ...ada, name: 'Ada King', description: 'Mathematician' });
  });

  it('updates a field again after its old value is typed', () => {
    const typed = touch(ada, touch(ada, {}, 'name', 'Ada King'), 'name', 'Ada Lovelace');
    expect(typed).toEqual({});
    expect(merge({ ...ada, name: 'A. Lovelace' }, typed).name).toBe('A. Lovelace');
  });

  it('can be emptied', () => {
    const typed = touch(ada, {}, 'publicName', '');
    expect(merge(ada, typed).publicName).toBe('');
    expect(isChanged(ada, typed)).toBe(true);
  });

  it('is no change when another operator has made the same change', () => {
    const typed = touch(ada, {}, 'name', 'Ada King');
    expect(isChanged(ada, typed)).toBe(true);
    expect(isChanged({ ...ada, name: 'Ada King' }, typed)).toBe(false);
  });

  it('keeps what was typed while it was saved', () => {
    const sent = { name: 'Ada King', description: 'Countess' };
    expect(withoutSaved({ name: 'Ada King', description: 'Countess of', email: 'a@b.c' }, sent)).toEqual({
      description: 'Countess of',
      email: 'a@b.c',
    });
  });
});

describe('the fields', () => {
  const row = {
    id: '1',
    accessLevel: 'LIMITED',
    name: 'Bob',
    email: null,
    description: null,
    photo: null,
    pendingEmail: null,
    lostEmail: null,
  } as const;

  it('have an empty public name where it equals the name', () => {
    expect(profileOf({ ...row, publicName: 'Bob' }).publicName).toBe('');
    expect(profileOf({ ...row, publicName: 'Bobby' }).publicName).toBe('Bobby');
  });

  it('are empty for missing values', () => {
    expect(profileOf({ ...row, publicName: 'Bob' })).toMatchObject({ email: '', description: '' });
  });
});

describe('a save', () => {
  it('requests nothing without changes', () => {
    expect(changesOf('1', ada, {})).toEqual({ profile: null, accessLevel: null });
    expect(changesOf('1', ada, { name: 'Ada Lovelace' })).toEqual({ profile: null, accessLevel: null });
  });

  it('sends only the changed fields', () => {
    expect(changesOf('1', ada, { email: 'a@b.c', description: 'Mathematician' })).toEqual({
      profile: { operatorId: '1', email: 'a@b.c', description: 'Mathematician' },
      accessLevel: null,
    });
  });

  it('changes the access level in a separate request', () => {
    expect(changesOf('1', ada, { accessLevel: 'LIMITED' })).toEqual({
      profile: null,
      accessLevel: { operatorId: '1', accessLevel: 'LIMITED' },
    });
    const both = changesOf('1', ada, { accessLevel: 'LIMITED', name: 'Ada King' });
    expect([both.profile, both.accessLevel].every(Boolean)).toBe(true);
  });

  it('sends null for emptied fields, which the server validates', () => {
    const emptied = changesOf(
      '1',
      { ...ada, description: 'x' },
      { publicName: ' ', description: '', name: '', email: '' },
    );
    expect(emptied.profile).toEqual({ operatorId: '1', publicName: null, description: null, name: '', email: '' });
  });

  it('keeps a public name that was shown as the same as the name', () => {
    const same = { ...ada, publicName: '' };
    expect(changesOf('1', same, { name: 'Ada King' }).profile).toEqual({
      operatorId: '1',
      name: 'Ada King',
      publicName: null,
    });
    expect(changesOf('1', ada, { name: 'Ada King' }).profile).toEqual({ operatorId: '1', name: 'Ada King' });
  });
});
