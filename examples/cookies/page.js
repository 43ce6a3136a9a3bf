// The page: signs in, shows the operators live, switches them, and signs out.
import { Deskbell } from './deskbell.js';

const find = (selector) => document.querySelector(selector);
const deskbell = new Deskbell(find('meta[name=deskbell]').content);
const [form, main, list, alert] = ['form', 'main', 'ul', '[role=alert]'].map(find);
/** A browser hides why it refuses an answer. The reason is in its console. */
const UNREADABLE = `Is the server running, and is ${location.origin} in its DESKBELL_ALLOWED_ORIGINS?`;
let following = new AbortController();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(form));
  attempt(async () => {
    const { signIn } = await deskbell.ask(
      `mutation SignIn($input: SignInInput!) {
        signIn(input: $input) { userErrors { message } }
      }`,
      { input: { email, password } },
    );
    if (signIn.userErrors.length > 0) {
      throw new Error(signIn.userErrors[0].message);
    }
    if (!(await open())) {
      throw new Error('The browser does not send the cookie. Serve this page from the same site as the server.');
    }
  });
});

find('#sign-out').addEventListener('click', () =>
  attempt(async () => {
    await deskbell.ask('mutation { signOut { signedOut } }');
    close();
  }),
);

// The cookie may still be valid from an earlier visit.
attempt(open);

/** Shows the account if there is a session. */
async function open() {
  const { viewer } = await deskbell.ask('{ viewer { name } }');
  if (viewer) {
    find('#viewer').textContent = `Signed in as ${viewer.name}`;
    form.hidden = true;
    main.hidden = false;
    following = new AbortController();
    follow(following.signal);
  }
  return viewer !== null;
}

function close() {
  following.abort();
  list.replaceChildren();
  main.hidden = true;
  form.hidden = false;
}

function follow(signal) {
  const query = `subscription {
    account { seats { used limit } operators(first: 100) { nodes { id name isActive } } }
  }`;
  deskbell
    .follow(query, ({ account }) => show(account), signal)
    .catch((error) => {
      close();
      alert.textContent = error.code === 'UNAUTHENTICATED' ? 'The session has ended.' : error.message;
    });
}

function show({ seats, operators }) {
  find('#seats').textContent = `${seats.used} of ${seats.limit} seats in use`;
  list.replaceChildren(
    ...operators.nodes.map(({ id, name, isActive }) => {
      const label = document.createElement('label');
      const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: isActive });
      box.addEventListener('change', () => attempt(() => setActive(id, box)));
      label.append(box, name);
      const item = document.createElement('li');
      item.append(label);
      return item;
    }),
  );
}

async function setActive(operatorId, box) {
  const field = box.checked ? 'activateOperator' : 'deactivateOperator';
  const { [field]: payload } = await deskbell.ask(
    `mutation Change($id: ID!) {
      ${field}(input: { operatorId: $id }) { operator { isActive } userErrors { message } }
    }`,
    { id: operatorId },
  );
  if (payload.userErrors.length > 0) {
    box.checked = !box.checked;
    throw new Error(payload.userErrors[0].message);
  }
}

/** Shows the message of an error, whatever it is. */
async function attempt(act) {
  alert.textContent = '';
  try {
    await act();
  } catch (error) {
    alert.textContent = error instanceof TypeError ? `${error.message}. ${UNREADABLE}` : error.message;
  }
}
