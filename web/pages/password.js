// Where the links in our mails lead: `/recover-password#token=…` and `/accept-invitation#token=…`.
// The token is in the fragment, which a browser sends to nobody; it leaves this page in the request's body only.

const MUTATION = `mutation RecoverPassword($input: RecoverPasswordInput!) {
  recoverPassword(input: $input) {
    viewer { id }
    userErrors {
      __typename
      ... on UserError { message path }
      ... on WeakPassword { suggestions }
    }
  }
}`;

const BROKEN = 'Something went wrong on our side. Please try again in a moment.';

const [title, lead, problem, form, field, fieldProblem, reveal, submit, done] = [
  'title',
  'lead',
  'problem',
  'form',
  'new-password',
  'field-problem',
  'reveal',
  'submit',
  'done',
].map((id) => document.getElementById(id));

const invited = location.pathname === '/accept-invitation';
if (invited) {
  title.textContent = 'Choose your password';
  lead.textContent = 'You have been invited to Deskbell. You will sign in with your address and this password.';
  document.title = 'Choose your password · Deskbell';
}

let token = '';
let sending = false;

/** Takes the token out of the address, so that it is neither seen over a shoulder nor kept in the history. */
function takeToken() {
  const found = new URLSearchParams(location.hash.slice(1)).get('token');
  if (location.hash) {
    history.replaceState(null, '', location.pathname);
  }
  return found ?? '';
}

function start() {
  token = takeToken();
  sayProblem('');
  sayFieldProblems([]);
  form.hidden = token === '';
  if (token === '') {
    sayProblem('This link is not complete. Please open it again from the mail, or copy all of it.');
  } else {
    done.textContent = '';
    lead.hidden = false;
    field.focus();
  }
}

function sayProblem(text) {
  problem.textContent = text;
  problem.hidden = text === '';
}

/** Everything that is wrong with the password, beside it, and as text: none of it is ours to trust as HTML. */
function sayFieldProblems(errors) {
  fieldProblem.replaceChildren(
    ...errors.flatMap(({ message, suggestions = [] }) => {
      const said = document.createElement('p');
      said.textContent = message;
      if (suggestions.length === 0) {
        return [said];
      }
      const list = document.createElement('ul');
      list.append(
        ...suggestions.map((suggestion) => {
          const item = document.createElement('li');
          item.textContent = suggestion;
          return item;
        }),
      );
      return [said, list];
    }),
  );
  field.setAttribute('aria-invalid', String(errors.length > 0));
}

function setSending(now) {
  sending = now;
  // Not `disabled`, which would throw away the focus.
  submit.setAttribute('aria-disabled', String(now));
  submit.textContent = now ? 'Saving …' : 'Save password';
}

function show(visible) {
  field.type = visible ? 'text' : 'password';
  reveal.setAttribute('aria-pressed', String(visible));
  reveal.textContent = visible ? 'Hide' : 'Show';
}

/** The mutation's payload; throws what a person can be told when there is none. */
async function recoverPassword(newPassword) {
  let response;
  try {
    // No `mode: 'same-origin'`: without a referrer it would make the browser send `Origin: null`.
    response = await fetch('/graphql', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: MUTATION, variables: { input: { token, newPassword } } }),
    });
  } catch {
    throw new Error('The server cannot be reached. Please check your connection and try again.');
  }
  const answer = await response.json().catch(() => null);
  const payload = answer?.data?.recoverPassword;
  if (!payload) {
    throw new Error(BROKEN);
  }
  return payload;
}

async function save() {
  sayProblem('');
  sayFieldProblems([]);
  setSending(true);
  try {
    const { userErrors } = await recoverPassword(field.value);
    if (userErrors.length === 0) {
      succeed();
      return;
    }
    const atField = userErrors.filter(({ path }) => path?.at(-1) === 'newPassword');
    const elsewhere = userErrors.filter((error) => !atField.includes(error));
    sayFieldProblems(atField);
    sayProblem(elsewhere.map(({ message }) => message).join(' '));
    if (atField.length > 0) {
      field.focus();
    }
  } catch (error) {
    sayProblem(error.message);
  } finally {
    setSending(false);
  }
}

function succeed() {
  token = '';
  field.value = '';
  show(false);
  form.hidden = true;
  lead.hidden = true;
  done.textContent = invited
    ? 'Your password is set. You can sign in now, and close this page.'
    : 'Your new password is set. You can sign in with it now, and close this page.';
  title.focus();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (sending) {
    return;
  }
  if (field.value === '') {
    sayFieldProblems([{ message: 'Please type a password.' }]);
    field.focus();
    return;
  }
  show(false);
  save();
});

reveal.addEventListener('click', () => {
  show(field.type === 'password');
  field.focus();
});

// Another link opened in the same browser tab changes only the fragment, which loads nothing anew.
addEventListener('hashchange', () => {
  if (location.hash) {
    start();
  }
});

start();
