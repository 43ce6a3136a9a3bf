// The dashboard's pages, as people act on them.

export async function signIn(page, { email, password }) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Opens a page of the dashboard as somebody who has to sign in first. */
export async function enter(page, person, path = '/') {
  await page.goto(path);
  await signIn(page, person);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** The heading of the page that is open. */
export const heading = (page, name) => page.getByRole('heading', { level: 1, name });

/** The menu of whoever is signed in. */
export const menu = (page) => page.getByRole('navigation', { name: 'Main' });
