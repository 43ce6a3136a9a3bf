import { same } from '../../clients/check.mjs';
import { enter } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { Post } from '../stage/post.mjs';
import { enterAs } from '../stage/scenes.mjs';
import { speaker } from '../stage/words.mjs';

export const title = 'Mails are in the language of the dashboard that causes them, and it shows the result of an invitation';

export async function story(stage) {
  const refused = new Map();
  const post = await Post.open((to) => refused.get(to) ?? null);
  try {
    const settings = { DESKBELL_SMTP_URL: post.url, DESKBELL_MAIL_FROM: 'desk@example.com' };
    const server = await stage.server({ settings, expected: [/a mail was not delivered/] });
    await speaks(stage, server, post, await company(server.base, { seats: 2 }));
    await fails(stage, server, refused, await company(server.base, { seats: 2, owner: newcomer('Olive') }));
  } finally {
    post.close();
  }
}

/** An owner with an English browser chooses Czech. */
async function speaks(stage, server, post, acme) {
  const t = speaker('cs');
  const [eve, ivo] = [newcomer('Eve'), newcomer('Ivo')];
  same(await post.languages(acme.owner.email, 1), ['en'], 'the language of a mail that a client without a choice causes');
  const { page } = await stage.visit({ deskbell: server });
  await enter(page, acme.owner, '/settings/operators/new');
  const adds = async ({ name, email }, say) => {
    await page.getByLabel(say('field.name'), { exact: true }).fill(name);
    await page.getByLabel(say('field.email'), { exact: true }).fill(email);
    await page.getByRole('button', { name: say('form.save'), exact: true }).click();
    await page.getByRole('status').filter({ hasText: say('operators.addedAndInvited', { name, email }) }).waitFor();
  };
  await adds(ivo, speaker('en'));
  same(await post.languages(ivo.email, 1), ['en'], 'the language of an invitation');

  await page.goto('/profile');
  await page.getByLabel('Language').selectOption('cs');
  await page.getByRole('heading', { level: 1, name: t('profile.title') }).waitFor();
  await page.goto('/settings/operators/new');
  await adds(eve, t);
  same(await post.languages(eve.email, 1), ['cs'], 'the language of an invitation');
  stage.step('an invitation is in the language of the inviter’s dashboard, not of the browser');

  await page.getByRole('button', { name: t('shell.signOut') }).click();
  await page.getByRole('link', { name: t('signIn.forgotten') }).click();
  await page.getByLabel(t('field.email')).fill(acme.owner.email);
  await page.getByRole('button', { name: t('forgotten.submit') }).click();
  const link = await post.link(acme.owner.email, '/recover-password');
  await page.goto(link);
  await page.getByLabel(t('field.newPassword'), { exact: true }).fill(`ledger-${acme.owner.email.slice(4, 12)}-quilt`);
  // The owner has not confirmed the address, and the link confirms it too.
  await page.getByRole('button', { name: t('address.confirm') }).click();
  await page.getByRole('status').filter({ hasText: t('choose.done') }).waitFor();
  // The link to confirm the address, the recovery, and the notification.
  same(await post.languages(acme.owner.email, 3), ['en', 'cs', 'cs'], 'the languages of the mails to the owner');
  stage.step('a recovery and its notification are in the language of the page');
}

/** An invitation is refused, sent again, and arrives, while two pages are open. */
async function fails(stage, server, refused, acme) {
  const [en, cs] = [speaker('en'), speaker('cs')];
  const english = (await stage.visit({ deskbell: server })).page;
  await enter(english, acme.owner, '/settings/operators');
  const czech = await stage.visit({ deskbell: server, locale: 'cs-CZ', narrow: true });
  await enterAs(czech.page, cs, acme.owner);

  const eve = newcomer('Eve');
  refused.set(eve.email, '550 5.1.1 no such user here');
  const { id } = await acme.operator(eve, { invited: true });
  await czech.page.goto(`/settings/operators/${id}`);
  const row = english.getByRole('listitem').filter({ hasText: eve.email });
  const reason = (t, key) => t(`invitation.reason.${key}`);
  await row.getByText(en('invitation.notArrived', { reason: reason(en, 'MAILBOX_UNKNOWN') })).waitFor();
  await stage.picture(english, 'operators-not-delivered');
  await czech.page.getByText(`: ${reason(cs, 'MAILBOX_UNKNOWN')}. `).waitFor();
  await stage.picture(czech.page, 'operator-not-delivered', { fullPage: true });
  same(await english.getByText('no such user here').count(), 0, 'texts of the relay');
  stage.step('open pages show that an invitation could not be delivered, in both languages');

  refused.set(eve.email, '552 5.2.2 full');
  await row.getByRole('button', { name: en('invitation.sendAgainTo', { name: eve.name }) }).click();
  await row.getByText(en('invitation.notArrived', { reason: reason(en, 'MAILBOX_FULL') })).waitFor();
  await czech.page.getByText(`: ${reason(cs, 'MAILBOX_FULL')}. `).waitFor();
  refused.delete(eve.email);
  await row.getByRole('button', { name: en('invitation.sendAgainTo', { name: eve.name }) }).click();
  await row.getByText(en('operators.invitedOn', { when: '' }).trim()).waitFor();
  await czech.page.getByText(cs('operators.invitedOn', { when: '' }).trim()).waitFor();
  stage.step('an invitation that is sent again arrives, and the pages show when');
}
