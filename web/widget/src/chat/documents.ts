// What the chat asks the server. The subscription is the same text in all widgets: the server
// recognises it (documents.json).

const CARD = 'id publicName description photoUrl(size:128)';
const HEAD =
  `id status closedBy operators{${CARD}} visitor{name email} isOperatorTyping ` +
  'lastSequence readUpTo readByOperatorUpTo unreadCount';
const MESSAGE = `sequence clientMessageId author operator{${CARD}} text event sentAt`;
const ERRORS = 'userErrors{__typename message path ...on TooManyAttempts{retryAfterSeconds}}';

export const FOLLOW =
  'subscription ChatLog($key:String!,$after:String){chat(widgetKey:$key,after:$after){' +
  `cursor isReset chat{${HEAD}} messages{${MESSAGE}}}}`;

/** A page of the latest conversation. */
export const PAGE = `query Page($key:String!,$before:Int){chat(widgetKey:$key){id messages(last:50,before:$before){${MESSAGE}}}}`;

/** Conversations before the latest one: the newest `count`, each with a page. */
export const EARLIER =
  'query Earlier($key:String!,$count:Int!,$last:Int!,$before:Int){chat(widgetKey:$key){' +
  `id earlier(last:$count){id closedBy messages(last:$last,before:$before){${MESSAGE}}}}}`;

const mutation = (name: string, input: string, payload: string): string =>
  `mutation M($input:${input}!){${name}(input:$input){${payload} ${ERRORS}}}`;

export const SEND = mutation('sendChatMessage', 'SendChatMessageInput', 'message{sequence}');
export const READ = mutation('markChatRead', 'MarkChatReadInput', '');
export const TYPE = mutation('setChatTyping', 'SetChatTypingInput', '');
export const CLOSE = mutation('closeChat', 'CloseChatInput', '');
