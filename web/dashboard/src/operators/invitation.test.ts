import { expect, it } from 'vitest';
import { wordsOf } from '../i18n';
import { cs } from '../i18n/cs';
import { en } from '../i18n/en';
import { arrivalOf } from './invitation';

const speak = (language: 'en' | 'cs') =>
  wordsOf(language, language === 'en' ? en : cs, { region: language, choose: async () => {} });

it('says when an invitation was sent, or why not', () => {
  const said = (invitation: Parameters<typeof arrivalOf>[0]) => arrivalOf(invitation, speak('en'));
  expect(said(null)).toBe('Invited');
  expect(said({ sentAt: null, failure: null })).toBe('Invited');
  expect(said({ sentAt: '2026-11-25T20:38:00Z', failure: null })).toMatch(/^Invited on .*2026/);
  expect(said({ sentAt: null, failure: 'DELAYED' })).toBe('Not delivered yet');
  expect(said({ sentAt: null, failure: 'MAILBOX_UNKNOWN' })).toBe('Could not be delivered: mailbox unknown');
  expect(arrivalOf({ sentAt: null, failure: 'MAILBOX_FULL' }, speak('cs'))).toBe('Nedoručeno: schránka je plná');
});

it('has a reason for a failure of a newer server', () => {
  const failure = 'OF_A_NEWER_SERVER' as 'MAILBOX_FULL';
  expect(arrivalOf({ sentAt: null, failure }, speak('en'))).toBe('Could not be delivered: address rejected');
});
