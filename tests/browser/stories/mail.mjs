import { same } from '../../clients/check.mjs';
import { enter } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { Post } from '../stage/post.mjs';
import { speaker } from '../stage/words.mjs';

export const title = 'Mails are in the language of the dashboard that causes them';

export async function story(stage) {
  const post = await Post.open();
  try {
    const settings = { DESKBELL_SMTP_URL: post.url, DESKBELL_MAIL_FROM: 'desk@example.com' };
    const server = await stage.server({ settings });
    await speaks(stage, server, post, await company(server.base, { seats: 2 }));
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
  await page.getByRole('button', { name: t('choose.submit') }).click();
  await page.getByRole('status').filter({ hasText: t('choose.done') }).waitFor();
  // The link to confirm the address, the recovery, and the notification.
  same(await post.languages(acme.owner.email, 3), ['en', 'cs', 'cs'], 'the languages of the mails to the owner');
  stage.step('a recovery and its notification are in the language of the page');
}
