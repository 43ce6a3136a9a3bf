import { same } from '../../clients/check.mjs';
import { signIn } from '../stage/pages.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { Proxy } from '../stage/proxy.mjs';

export const title = 'The dashboard is open at an address other than the public URL, and errors say what to do';

export async function story(stage) {
  const proxy = await Proxy.open();
  proxy.passesUpgrades = true;
  try {
    // The public URL is a proxy, and the browser connects directly.
    const server = await stage.server({
      settings: { DESKBELL_PUBLIC_URL: proxy.base },
      expected: [/DESKBELL_ALLOWED_ORIGINS/],
    });
    proxy.target = server.base;
    await told(stage, { base: proxy.base, elsewhere: server.base });
  } finally {
    await proxy.close();
  }
}

async function told(stage, { base, elsewhere }) {
  const acme = await company(base);
  for (const locale of ['en-GB', 'cs-CZ']) {
    const visit = await stage.visit({ deskbell: { base: elsewhere }, websites: [{ base }], locale });
    visit.forgive(/^HTTP 403 for/, /^console: Failed to load resource: .* 403/);
    const { page } = visit;
    const isCzech = locale.startsWith('cs');
    for (const [path, act] of Object.entries(isCzech ? { '/sign-in': signInInCzech } : ACTS)) {
      await page.goto(path);
      await act(page, acme.owner);
      const alert = page.getByRole('alert').filter({ hasText: 'DESKBELL_ALLOWED_ORIGINS' });
      await alert.filter({ hasText: elsewhere }).waitFor();
      const open = page.getByRole('link', { name: isCzech ? `Otevřít ${base}` : `Open ${base}` });
      same((await open.getAttribute('href')).split('#')[0], `${base}${path}`, `${path}: where the link leads`);
      same(await page.getByText('Your access level').count(), 0, `${path}: the text of another fault`);
    }
    await stage.picture(page, `other-address-${locale}`);
    stage.step(`the pages show the address, the public URL and the setting (${locale})`);
    if (!isCzech) {
      await page.goto('/sign-in');
      await signIn(page, acme.owner);
      await page.getByRole('link', { name: `Open ${base}` }).click();
      await page.waitForURL(`${base}/**`);
      await signIn(page, acme.owner);
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      stage.step('the link leads to an address where sign-in works');
    }
  }
}

const ACTS = {
  '/sign-in': signIn,
  '/sign-up': async (page) => {
    const eve = newcomer('Eve');
    await page.getByLabel('Company').fill('Initech');
    await page.getByLabel('Your name').fill(eve.name);
    await page.getByLabel('E-mail').fill(eve.email);
    await page.getByLabel('Password', { exact: true }).fill(eve.password);
    await page.getByRole('button', { name: 'Create account' }).click();
  },
  '/forgot-password': async (page, { email }) => {
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Send link' }).click();
  },
  '/recover-password': async (page, { password }) => {
    await page.goto(`/recover-password#token=dbl_${'A'.repeat(43)}`);
    await page.getByLabel('New password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Save password' }).click();
  },
};

async function signInInCzech(page, { email, password }) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Heslo', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Přihlásit se', exact: true }).click();
}
