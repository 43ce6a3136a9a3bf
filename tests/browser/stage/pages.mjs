// Actions on pages of the dashboard.

export async function signIn(page, { email, password }) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Signs a person in, and opens a page of the dashboard. */
export async function enter(page, person, path = '/') {
  await page.goto(path);
  await signIn(page, person);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** The heading of the open page. */
export const heading = (page, name) => page.getByRole('heading', { level: 1, name });

/** The menu of a signed-in operator. */
export const menu = (page) => page.getByRole('navigation', { name: 'Main' });
