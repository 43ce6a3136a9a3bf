// People and companies. Stories set them up through the public schema.
import { randomBytes } from 'node:crypto';
import { check, same, until } from '../../clients/check.mjs';

const DEADLINE_MS = 10_000;

/** A person with a unique address. */
export function newcomer(name) {
  const unique = randomBytes(6).toString('hex');
  const address = name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z]+/g)
    .join('.');
  return { name, email: `${address}.${unique}@example.com`, password: `trellis-${unique}-umbra-heron` };
}

/** Runs an operation with a token, or anonymously. Fails on errors and user errors. */
export async function ask(base, document, input, token) {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: document, variables: { input } }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const answer = await response.json();
  check(response.ok && !answer.errors, `HTTP ${response.status}: ${JSON.stringify(answer)}`);
  for (const payload of Object.values(answer.data)) {
    same(payload?.userErrors ?? [], [], 'user errors');
  }
  return answer.data;
}

const ERRORS = 'userErrors { __typename message path }';
const mutation = (field, input, more) =>
  `mutation Arrange($input: ${input}!) { ${field}(input: $input) { ${more} ${ERRORS} } }`;

const CONVERSATION = `id status closedBy lastSequence readByVisitorUpTo isVisitorTyping isVisitorHere
  visitor { id name email } page { url title referrer } messages(last: 20) { sequence author text event }`;

/** Creates an account with an active owner. Returns functions that change it. */
export async function company(base, { name = 'Acme', owner = newcomer('Ada Lovelace'), seats } = {}) {
  const { signUp } = await ask(base, mutation('signUp', 'SignUpInput', 'token account { widgetKey } viewer { id }'), {
    accountName: name,
    transport: 'TOKEN',
    ...owner,
  });
  const acts = (document, input) => ask(base, document, input, signUp.token);
  if (seats) {
    await acts(mutation('changePlan', 'ChangePlanInput', ''), { plan: 'STANDARD', seats });
  }
  return new Company({
    base,
    name,
    acts,
    token: signUp.token,
    widgetKey: signUp.account.widgetKey,
    owner: { ...owner, id: signUp.viewer.id },
  });
}

class Company {
  constructor(all) {
    Object.assign(this, all);
  }

  /** Adds an operator with a password, or with an invitation if `invited`. */
  async operator(person, { invited = false, ...more } = {}) {
    const { name, email, password } = person;
    const { addOperator } = await this.acts(mutation('addOperator', 'AddOperatorInput', 'operator { id isActive }'), {
      name,
      email,
      accessLevel: 'LIMITED',
      isActive: false,
      ...(!invited && { password }),
      ...more,
    });
    return { ...person, id: addOperator.operator.id };
  }

  activate({ id }) {
    return this.acts(mutation('activateOperator', 'ActivateOperatorInput', ''), { operatorId: id });
  }

  deactivate({ id }) {
    return this.acts(mutation('deactivateOperator', 'DeactivateOperatorInput', ''), { operatorId: id });
  }

  changePlan(plan, seats) {
    return this.acts(mutation('changePlan', 'ChangePlanInput', ''), { plan, seats });
  }

  /** All operators, as the dashboard shows them. */
  async operators() {
    const { account } = await this.acts(
      '{ account { operators(first: 100) { nodes { name publicName email description } } } }',
    );
    return account.operators.nodes;
  }

  /** Uploads an operator's photo (GraphQL multipart request specification). */
  async setPhoto({ id }, bytes) {
    const body = new FormData();
    const query = mutation('setOperatorPhoto', 'SetOperatorPhotoInput', '');
    body.set('operations', JSON.stringify({ query, variables: { input: { operatorId: id, photo: null } } }));
    body.set('map', JSON.stringify({ 0: ['variables.input.photo'] }));
    body.set('0', new Blob([bytes], { type: 'image/jpeg' }), 'photo.jpg');
    const headers = { authorization: `Bearer ${this.token}`, 'graphql-require-preflight': '1' };
    const response = await fetch(`${this.base}/graphql`, { method: 'POST', headers, body });
    const { data, errors } = await response.json();
    same([errors, data?.setOperatorPhoto?.userErrors], [undefined, []], 'errors of setOperatorPhoto');
  }

  changeAccessLevel({ id }, accessLevel) {
    return this.acts(mutation('changeAccessLevel', 'ChangeAccessLevelInput', ''), { operatorId: id, accessLevel });
  }

  remove({ id }) {
    return this.acts(mutation('removeOperator', 'RemoveOperatorInput', ''), { operatorId: id });
  }

  update({ id }, changes) {
    return this.acts(mutation('updateOperator', 'UpdateOperatorInput', ''), { operatorId: id, ...changes });
  }

  // ---- conversations ----

  /** The same company, where another operator acts. */
  async as({ email, password }) {
    const { signIn } = await ask(this.base, mutation('signIn', 'SignInInput', 'token'), {
      email,
      password,
      transport: 'TOKEN',
    });
    return new Company({
      ...this,
      acts: (document, input) => ask(this.base, document, input, signIn.token),
      token: signIn.token,
    });
  }

  /** Up to 20 conversations with their newest 20 messages, waiting ones first. */
  async conversations() {
    const { account } = await this.acts(`{ account { conversations(first: 20) { nodes { ${CONVERSATION} } } } }`);
    return account.conversations.nodes;
  }

  /** Waits for the only conversation, with at least so many messages. */
  async conversation(messages = 1) {
    const [only] = await until(
      () => this.conversations(),
      (all) => all.length === 1 && all[0].messages.length >= messages,
      `one conversation with ${messages} messages or more`,
    );
    return only;
  }

  /** Waits for the newest conversation whose first message begins with this text. */
  conversationWith(text) {
    return until(
      async () => (await this.conversations()).findLast(({ messages }) => messages[0].text.startsWith(text)),
      Boolean,
      `a conversation that begins with ${JSON.stringify(text)}`,
    );
  }

  join({ id }) {
    return this.acts(mutation('joinConversation', 'JoinConversationInput', ''), { conversationId: id });
  }

  send({ id }, text, clientMessageId = randomBytes(8).toString('hex')) {
    const input = { conversationId: id, text, clientMessageId };
    return this.acts(mutation('sendMessage', 'SendMessageInput', ''), input);
  }

  setTyping({ id }, isTyping = true) {
    return this.acts(mutation('setTyping', 'SetTypingInput', ''), { conversationId: id, isTyping });
  }

  /** Reads all messages of a conversation. */
  markRead({ id, lastSequence }) {
    const input = { conversationId: id, upTo: lastSequence };
    return this.acts(mutation('markConversationRead', 'MarkConversationReadInput', ''), input);
  }

  closeConversation({ id }) {
    return this.acts(mutation('closeConversation', 'CloseConversationInput', ''), { conversationId: id });
  }

  note({ id }, text) {
    return this.acts(mutation('addNote', 'AddNoteInput', ''), { conversationId: id, text });
  }
}
