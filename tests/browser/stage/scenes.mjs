// All pages and dialogs of the dashboard, and how to open them. Stories check them in light and
// dark, wide and narrow, and in both languages. `t` renders a message in the language of the
// browser.
import { same } from '../../clients/check.mjs';
import { heading } from './pages.mjs';
import { newcomer } from './people.mjs';
import { portrait } from './photo.mjs';

/** Creates the operators of the scenes. */
export async function furnish(browser, acme) {
  await acme.setPhoto(acme.owner, await portrait(browser, { colour: '#2f6fb5' }));
  await acme.update(acme.owner, { description: 'Founder. Answers before the coffee is cold' });
  const bob = await acme.operator(newcomer('Bohumil Novák'), { publicName: 'Bob', isActive: true });
  await acme.setPhoto(bob, await portrait(browser, { colour: '#3a8f5c' }));
  await acme.operator(newcomer('Maximiliane Anna-Katharina von Hohenlohe-Langenburg'), {
    publicName: 'Maxi',
    isActive: true,
  });
  const cy = await acme.operator(newcomer('Cy Twombly'));
  const ivo = await acme.operator(newcomer('Ivo Zváný'), { invited: true, accessLevel: 'FULL' });
  return { bob, cy, ivo };
}

const title = (page, name) => heading(page, name).waitFor();
const button = (page, name) => page.getByRole('button', { name, exact: true });
const field = (page, label) => page.getByLabel(label, { exact: true });
const slider = (page, t, name) => page.getByRole('switch', { name: t('operators.switch', { name }), exact: true });

const INVITATION = {
  __typename: 'MailedLink',
  effect: 'ACCEPT_INVITATION',
  accountName: 'Novák & Sons',
  operatorName: 'Maximiliane Anna-Katharina von Hohenlohe-Langenburg',
  inviterName: 'Ada Lovelace',
  email: 'maximiliane@hohenlohe.example',
  isNewPasswordNeeded: true,
  isReleasable: false,
  isEmailTaken: false,
  isEmailMoved: false,
};

/** The page of an invitation, with a response of the server that needs no mail. */
function invitationScene(name, invitationLink, ready) {
  const body = { data: { invitationLink: { __typename: 'InvitationLink', ...invitationLink } } };
  return {
    name: `accept-invitation-${name}`,
    path: '/accept-invitation',
    ready: async (page, t) => {
      await page.route('**/graphql', (route) =>
        route.request().postData()?.includes('invitationLink') ? route.fulfill({ json: body }) : route.continue(),
      );
      await page.goto(`/accept-invitation#token=dbl_${'B'.repeat(43)}`);
      await ready(page, t);
    },
    leave: (page) => page.unroute('**/graphql'),
  };
}

/** For anonymous users. */
export const OUTSIDE = [
  { name: 'sign-in', path: '/', ready: (page, t) => title(page, t('signIn.title')) },
  {
    name: 'sign-in-wrong',
    path: '/sign-in',
    ready: async (page, t) => {
      await field(page, t('field.email')).fill('nobody@example.com');
      await field(page, t('field.password')).fill('whatever it was');
      await button(page, t('signIn.submit')).click();
      await page.getByText(t('problem.InvalidCredentials')).waitFor();
    },
  },
  {
    name: 'sign-in-empty',
    path: '/sign-in',
    ready: async (page, t) => {
      await button(page, t('signIn.submit')).click();
      await page.getByText(t('invalid.EMPTY')).nth(1).waitFor();
    },
  },
  { name: 'sign-up', path: '/sign-up', ready: (page, t) => title(page, t('signUp.title')) },
  {
    name: 'sign-up-faults',
    path: '/sign-up',
    ready: async (page, t) => {
      await button(page, t('signUp.submit')).click();
      await field(page, t('field.password')).and(page.locator('[aria-invalid="true"]')).waitFor();
      // All four fields.
      await page.getByText(t('invalid.EMPTY')).nth(3).waitFor();
      same(await page.getByText(t('problem.WeakPassword')).count(), 0, 'weaknesses of a password that is not there');
      await field(page, t('field.accountName')).fill('x'.repeat(101));
      await field(page, t('field.email')).fill('nobody');
      await field(page, t('field.password')).fill('password');
      await button(page, t('signUp.submit')).click();
      await page.getByText(t('problem.WeakPassword')).waitFor();
    },
  },
  { name: 'forgotten-password', path: '/forgot-password', ready: (page, t) => title(page, t('forgotten.title')) },
  {
    name: 'forgotten-password-empty',
    path: '/forgot-password',
    ready: async (page, t) => {
      await button(page, t('forgotten.submit')).click();
      await page.getByText(t('invalid.EMPTY')).waitFor();
    },
  },
  {
    name: 'recover-password',
    path: `/recover-password#token=dbl_${'A'.repeat(43)}`,
    ready: (page, t) => title(page, t('choose.recoveryTitle')),
  },
  {
    name: 'accept-invitation-without-token',
    path: '/accept-invitation',
    ready: (page, t) => page.getByText(t('choose.noToken')).waitFor(),
  },
  {
    name: 'accept-invitation-unknown',
    path: `/accept-invitation#token=dbl_${'A'.repeat(43)}`,
    ready: (page, t) => page.getByText(t('invitationLink.unknown')).waitFor(),
  },
  invitationScene('expired', { state: 'EXPIRED', link: null }, (page, t) =>
    button(page, t('invitationLink.renew')).waitFor(),
  ),
  invitationScene('valid', { state: 'VALID', link: INVITATION }, (page, t) =>
    field(page, t('field.newPassword')).waitFor(),
  ),
  invitationScene('taken', { state: 'VALID', link: { ...INVITATION, isEmailTaken: true } }, (page, t) =>
    page.getByText(t('link.taken', { email: INVITATION.email })).waitFor(),
  ),
  {
    name: 'confirm-address-without-token',
    path: '/confirm-address',
    ready: (page, t) => page.getByText(t('choose.noToken')).waitFor(),
  },
  {
    name: 'confirm-address-used',
    path: `/confirm-address#token=dbl_${'A'.repeat(43)}`,
    ready: (page, t) => page.getByText(t('problem.InvalidLink')).waitFor(),
  },
  {
    name: 'restore-address-used',
    path: `/restore-address#token=dbl_${'A'.repeat(43)}`,
    ready: async (page, t) => {
      await title(page, t('address.restoreTitle'));
      await page.getByText(t('problem.InvalidLink')).waitFor();
    },
  },
  {
    name: 'unreachable',
    path: '/visitors',
    forgive: [/Failed to load resource/],
    ready: async (page, t) => {
      await page.route('**/graphql', (route) => route.abort());
      await page.reload();
      await title(page, t('unreachable.title'));
    },
    leave: (page) => page.unroute('**/graphql'),
  },
];

/** For an inactive operator with limited access. */
export const LIMITED = [
  {
    name: 'visitors-limited',
    path: '/visitors',
    ready: (page, t) => page.getByText(t('visitors.askToActivate')).waitFor(),
  },
  { name: 'not-found', path: '/settings/plan', ready: (page, t) => title(page, t('notFound.title')) },
  { name: 'welcome', path: '/welcome', ready: (page, t) => field(page, t('field.description')).waitFor() },
  { name: 'profile', path: '/profile', ready: (page, t) => field(page, t('field.description')).waitFor() },
  {
    name: 'profile-address',
    path: '/profile',
    ready: async (page, t) => {
      await field(page, t('field.email')).fill('somewhere.else@example.com');
      await page.getByText(t('address.takesPassword')).waitFor();
    },
  },
  {
    name: 'profile-faults',
    path: '/profile',
    ready: async (page, t) => {
      await field(page, t('field.name')).fill('');
      await field(page, t('field.description')).fill('x'.repeat(201));
      await button(page, t('form.save')).click();
      await page.getByText(t('invalid.TOO_LONG', { count: 200 })).waitFor();
      await button(page, t('profile.savePassword')).click();
      await page.getByText(t('invalid.EMPTY')).nth(1).waitFor();
      await field(page, t('field.currentPassword')).fill('whatever it was');
      await field(page, t('field.newPassword')).fill('password');
      await button(page, t('profile.savePassword')).click();
      await page.getByText(t('profile.wrongPassword')).waitFor();
    },
  },
  {
    name: 'broken',
    path: '/visitors',
    forgive: [/ProfilePage/, /Failed to load resource/],
    ready: async (page, t) => {
      await page.route('**/assets/ProfilePage-*.js', (route) => route.abort());
      await page.goto('/profile');
      await title(page, t('broken.title'));
    },
    leave: (page) => page.unroute('**/assets/ProfilePage-*.js'),
  },
];

/** For the owner. */
export const OWNER = [
  { name: 'visitors', path: '/visitors', ready: (page, t) => button(page, t('account.copySnippet')).waitFor() },
  {
    name: 'not-found-anywhere',
    path: '/nope',
    forgive: [/HTTP 404 for .*\/nope/, /status of 404/],
    ready: (page, t) => title(page, t('notFound.title')),
  },
  { name: 'operators', path: '/settings/operators', ready: (page, t) => slider(page, t, 'Cy Twombly').waitFor() },
  {
    name: 'operators-none',
    path: '/settings/operators?search=zzz',
    ready: (page, t) => page.getByText(t('operators.noneFound')).waitFor(),
  },
  {
    name: 'operators-no-seat',
    path: '/settings/operators',
    ready: async (page, t) => {
      await slider(page, t, 'Cy Twombly').click();
      await page
        .getByRole('dialog', { name: t('noSeat.title') })
        .getByRole('radio')
        .first()
        .waitFor();
      await button(page, t('noSeat.move')).click();
      await page.getByText(t('noSeat.choose')).waitFor();
    },
  },
  {
    name: 'operators-failed',
    path: '/settings/operators',
    forgive: [/Failed to load resource/],
    ready: async (page, t) => {
      await slider(page, t, 'Bohumil Novák').waitFor();
      await page.route('**/graphql', (route) => route.abort());
      await slider(page, t, 'Bohumil Novák').click();
      await page.getByText(t('problem.unreachable')).waitFor();
    },
    leave: (page) => page.unroute('**/graphql'),
  },
  {
    name: 'operator-new',
    path: '/settings/operators/new',
    ready: (page, t) => page.getByText(t('operators.noFreeSeat', { count: 3 })).waitFor(),
  },
  {
    name: 'operator-new-faults',
    path: '/settings/operators/new',
    ready: async (page, t) => {
      await field(page, t('field.email')).fill('nobody');
      await field(page, t('field.description')).fill('x'.repeat(201));
      await page.getByRole('radio', { name: t('password.set') }).check();
      await button(page, t('form.save')).click();
      // For the name and the password.
      await page.getByText(t('invalid.EMPTY')).nth(1).waitFor();
      await field(page, t('password.theirs')).fill('12345678');
      await field(page, t('field.photo')).setInputFiles({
        name: 'a.gif',
        mimeType: 'image/gif',
        buffer: Buffer.from('GIF89a'),
      });
      await page.getByText(t('photo.unopened.CANNOT_OPEN')).waitFor();
      await button(page, t('form.save')).click();
      await page.getByText(t('problem.WeakPassword')).waitFor();
    },
  },
  {
    name: 'operator-crop',
    path: '/settings/operators/new',
    ready: async (page, t, { browser }) => {
      const buffer = await portrait(browser, { colour: '#7a4fa3', width: 600, height: 900 });
      await field(page, t('field.photo')).setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer });
      await page.getByRole('slider', { name: t('photo.zoom') }).waitFor();
      await page.getByText(t('photo.preview')).waitFor();
    },
  },
  {
    name: 'operator-unsaved',
    path: '/settings/operators/new',
    ready: async (page, t) => {
      await field(page, t('field.name')).fill('Eve');
      await page.getByRole('link', { name: t('operators.back') }).click();
      await page.getByRole('dialog', { name: t('unsaved.title') }).waitFor();
    },
  },
  {
    name: 'operator',
    path: ({ bob }) => `/settings/operators/${bob.id}`,
    ready: (page, t) => page.getByText(t('password.recoveredByThem')).waitFor(),
  },
  {
    name: 'operator-invited',
    path: ({ ivo }) => `/settings/operators/${ivo.id}`,
    ready: (page, t) => page.getByText(t('invitation.waiting')).waitFor(),
  },
  {
    name: 'operator-owner',
    path: ({ owner }) => `/settings/operators/${owner.id}`,
    ready: async (page, t) => {
      await page.getByText(t('operator.ownersLevel')).waitFor();
      await field(page, t('field.email')).fill('ada@example.com');
      await page.getByText(t('operator.ownNewEmail')).waitFor();
    },
  },
  {
    name: 'operator-remove',
    path: ({ bob }) => `/settings/operators/${bob.id}`,
    ready: async (page, t) => {
      await button(page, t('operator.removeNamed', { name: 'Bohumil Novák' })).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'plan', path: '/settings/plan', ready: (page, t) => page.getByText(t('plan.choose')).waitFor() },
  {
    name: 'plan-smaller',
    path: '/settings/plan',
    ready: async (page, t) => {
      await page.getByRole('radio', { name: 'Free' }).check();
      await button(page, t('plan.submit')).click();
      await page.getByText(t('plan.chooseMore', { count: 2 })).waitFor();
    },
  },
  {
    name: 'plan-upgrade',
    path: '/settings/operators',
    ready: async (page, t) => {
      await slider(page, t, 'Cy Twombly').click();
      await page.getByRole('link', { name: t('noSeat.changePlan'), exact: true }).click();
      await button(page, t('plan.getSeats', { count: 4, name: 'Cy Twombly' })).waitFor();
    },
  },
  { name: 'account', path: '/settings/account', ready: (page, t) => field(page, t('account.candidate')).waitFor() },
  {
    name: 'account-hand-over',
    path: '/settings/account',
    ready: async (page, t) => {
      await field(page, t('account.candidate')).selectOption({ index: 1 });
      await button(page, t('account.handOver')).click();
      await page.getByRole('dialog').waitFor();
    },
  },
];

/** Signs a person in, in the language of the browser. */
export async function enterAs(page, t, person) {
  await page.goto('/visitors');
  await field(page, t('field.email')).fill(person.email);
  await field(page, t('field.password')).fill(person.password);
  await button(page, t('signIn.submit')).click();
  await title(page, t('visitors.title'));
}

/** Opens a scene, runs `look`, and leaves the scene. */
export async function visitScene(visit, scene, t, cast, look) {
  const { page } = visit;
  visit.forgive(...(scene.forgive ?? []));
  await page.goto(typeof scene.path === 'string' ? scene.path : scene.path(cast));
  await scene.ready(page, t, cast);
  await look();
  await scene.leave?.(page);
  // Discards typed text without a question.
  await page.goto('about:blank');
}
