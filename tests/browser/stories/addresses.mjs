import { check, same, until } from '../../clients/check.mjs';
import { enter, heading } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { Post } from '../stage/post.mjs';

export const title = 'An address change needs a confirmation by button, can be undone, and an address goes to the person who proves it';

export async function story(stage) {
  const post = await Post.open();
  try {
    const server = await stage.server({ settings: { DESKBELL_SMTP_URL: post.url, DESKBELL_MAIL_FROM: 'desk@example.com' } });
    const acme = await company(server.base, { seats: 3 });
    await changes(stage, server, post, acme);
    await proves(stage, server, post, await company(server.base));
    await releases(stage, server, post);
  } finally {
    post.close();
  }
}

/** The owner changes their address, confirms it, and restores the previous one. */
async function changes(stage, server, post, acme) {
  const { owner } = acme;
  const email = newcomer('Ada New').email;
  const ada = await stage.visit({ deskbell: server, narrow: true });
  const { page } = ada;
  const addresses = [];
  ada.context.on('request', (request) => addresses.push(request.url()));
  await enter(page, owner, '/profile');
  const form = page.locator('form', { has: page.getByLabel('E-mail', { exact: true }) });
  same(await form.getByLabel('Current password', { exact: true }).count(), 0, 'passwords asked for before the address changes');
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  const password = form.getByLabel('Current password', { exact: true });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await form.getByText('Please fill this in.').waitFor();
  await password.fill('not the password');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await form.getByText('This is not your current password.').waitFor();
  await stage.picture(page, 'profile-address-password');
  await password.fill(owner.password);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`To switch to ${email}, open the link that we sent there.`).waitFor();
  same(await page.getByLabel('E-mail', { exact: true }).inputValue(), owner.email, 'the address that counts');
  await stage.picture(page, 'profile-address-pending');
  stage.step('changing your own address needs the password and a confirmation');

  const withdrawn = await post.link(email, '/confirm-address');
  await page.getByRole('button', { name: 'Keep the address below' }).click();
  await page.getByText(`To switch to ${email}`).waitFor({ state: 'detached' });
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await password.fill(owner.password);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`To switch to ${email}`).waitFor();
  stage.step('a pending address can be withdrawn');

  const confirm = await until(
    () => post.link(email, '/confirm-address'),
    (link) => link !== withdrawn,
    'another link to confirm the address',
  );
  await page.goto(confirm);
  await page.getByText(`wants to sign in with ${email}`).waitFor();
  // Another link to the page, opened in the same tab.
  await page.evaluate((fragment) => {
    location.hash = fragment;
  }, new URL(withdrawn).hash);
  await page.getByRole('alert').filter({ hasText: 'This link has expired' }).waitFor();
  same(await page.getByText('wants to sign in').count(), 0, 'the subject of the previous link');
  await page.goto('about:blank');
  await page.goto(confirm);
  await heading(page, 'Confirm your address').waitFor();
  await page.getByText(`wants to sign in with ${email}`).waitFor();
  check(!page.url().includes('token'), 'the token stays in the address');
  await stage.picture(page, 'confirm-address-change');
  const elsewhere = await stage.visit({ deskbell: server });
  await enter(elsewhere.page, owner, '/profile');
  same(await elsewhere.page.getByLabel('E-mail', { exact: true }).inputValue(), owner.email, 'the address after the link was opened');
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await page.getByRole('status').filter({ hasText: `${email} is confirmed.` }).waitFor();
  await stage.picture(page, 'confirm-address-done');
  await until(
    () => elsewhere.page.getByLabel('E-mail', { exact: true }).inputValue(),
    (shown) => shown === email,
    'the new address in another browser',
  );
  stage.step('opening the link confirms nothing; the button does');

  const undo = await post.link(owner.email, '/restore-address');
  const late = await stage.visit({ deskbell: server, dark: true });
  await late.page.goto(undo);
  await heading(late.page, 'Restore your address').waitFor();
  await late.page.getByText(`will sign in with ${owner.email} again`).waitFor();
  await stage.picture(late.page, 'restore-address');
  await late.page.getByRole('button', { name: 'Restore my address' }).click();
  await late.page.getByRole('status').filter({ hasText: `${owner.email} is your address again` }).waitFor();
  await elsewhere.page.getByText('Your session has ended.').waitFor();
  await post.link(owner.email, '/recover-password');
  await late.page.goto('about:blank');
  await late.page.goto(undo);
  await late.page.getByRole('alert').filter({ hasText: 'was already used' }).waitFor();
  await enter(late.page, owner);
  stage.step('the undo link restores the previous address once, and signs all devices out');
  check(!addresses.some((address) => address.includes('dbl_')), 'a token was in an address');
}

/**
 * An operator whose password was set by a colleague confirms the address, and chooses a new
 * password.
 */
async function proves(stage, server, post, acme) {
  const bob = await acme.operator(newcomer('Bob'));
  const { page } = await stage.visit({ deskbell: server });
  await page.goto(await post.link(bob.email, '/confirm-address'));
  await page.getByText('Ada Lovelace added the profile of Bob to Acme').waitFor();
  await stage.picture(page, 'confirm-address');
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await page.getByText('Please fill this in.').waitFor();
  const password = `ledger-${bob.email.slice(4, 12)}-heron-quilt`;
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Confirm my address' }).click();
  await page.getByRole('status').filter({ hasText: `${bob.email} is confirmed.` }).waitFor();
  await page.getByRole('link', { name: 'Continue' }).click();
  await enter(page, { ...bob, password });
  stage.step('a password that another person chose is replaced when the address is confirmed');
}

/** Another account uses a person's address. The person releases it, and an invitation moves it. */
async function releases(stage, server, post) {
  const evil = await company(server.base, { name: 'Evil', owner: newcomer('Mallory') });
  const [eve, dan] = [newcomer('Eve'), newcomer('Dan')];
  const squatter = await evil.operator(eve);
  await evil.operator(dan);
  const { page } = await stage.visit({ deskbell: server, narrow: true });
  await page.goto(await post.link(dan.email, '/confirm-address'));
  await page.getByRole('button', { name: 'Release my address' }).click();
  await page.getByRole('status').filter({ hasText: `${dan.email} is released.` }).waitFor();
  await stage.picture(page, 'address-released');
  stage.step('the person who receives mail at an address releases it');

  const acme = await company(server.base, { name: 'Acme', owner: newcomer('Olive') });
  await acme.operator(eve, { invited: true });
  await page.goto(await post.link(eve.email, '/accept-invitation'));
  await page.getByText('Olive invites you to Acme').waitFor();
  await page.getByText(`Another account uses ${eve.email} but has not confirmed it.`).waitFor();
  await stage.picture(page, 'accept-invitation-moves');
  const password = `ledger-${eve.email.slice(4, 12)}-heron-quilt`;
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Save password and sign in' }).click();
  await heading(page, `Welcome, ${eve.name}`).waitFor();
  const mallory = await stage.visit({ deskbell: server });
  await enter(mallory.page, evil.owner, `/settings/operators/${squatter.id}`);
  await mallory.page.getByText(`${eve.email} was removed on`).waitFor();
  await stage.picture(mallory.page, 'operator-lost-address');
  await mallory.page.goto('/settings/operators');
  await mallory.page.getByText('No address').first().waitFor();
  stage.step('an invitation moves an unconfirmed address, and colleagues see why');
}
