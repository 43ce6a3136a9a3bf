// Parses what the server answers about a chat. The shape is not trusted.

import { type OperatorCard, readCard, record, text } from '../availability';
import type { ChatEvent, ClosedBy, Head, Item, Message, Status, Talk } from './log';

/** An item of the subscription; null if it is none. */
export function readItem(result: unknown, server: string): Item | null {
  const update = record(record(result).data).chat;
  const { chat, messages, cursor, isReset } = record(update);
  if (typeof cursor !== 'string' || !Array.isArray(messages)) {
    return null;
  }
  return {
    head: chat ? readHead(chat, server) : null,
    messages: readMessages(messages, server),
    cursor,
    isReset: isReset === true,
  };
}

export function readHead(chat: unknown, server: string): Head {
  const its = record(chat);
  const visitor = record(its.visitor);
  return {
    id: String(its.id),
    status: (text(its.status) ?? 'PENDING') as Status,
    closedBy: text(its.closedBy) as ClosedBy | null,
    operators: readCards(its.operators, server),
    name: text(visitor.name),
    email: text(visitor.email),
    isOperatorTyping: its.isOperatorTyping === true,
    lastSequence: Number(its.lastSequence) || 0,
    readUpTo: Number(its.readUpTo) || 0,
    readByOperatorUpTo: Number(its.readByOperatorUpTo) || 0,
    unreadCount: Number(its.unreadCount) || 0,
  };
}

export function readMessages(list: unknown, server: string): Message[] {
  const messages: Message[] = [];
  for (const one of Array.isArray(list) ? list : []) {
    messages.push(readMessage(one, server));
  }
  return messages;
}

export function readMessage(message: unknown, server: string): Message {
  const its = record(message);
  return {
    sequence: Number(its.sequence) || 0,
    clientMessageId: text(its.clientMessageId),
    author: (text(its.author) ?? 'SYSTEM') as Message['author'],
    operator: its.operator ? readCard(its.operator, server) : null,
    text: text(its.text),
    event: text(its.event) as ChatEvent | null,
    sentAt: text(its.sentAt) ?? '',
  };
}

/** A conversation before the latest one. */
export function readTalk(chat: unknown, server: string): Talk {
  const its = record(chat);
  return {
    id: String(its.id),
    closedBy: text(its.closedBy) as ClosedBy | null,
    messages: readMessages(its.messages, server),
    isCut: false,
  };
}

function readCards(list: unknown, server: string): OperatorCard[] {
  const cards: OperatorCard[] = [];
  for (const one of Array.isArray(list) ? list : []) {
    cards.push(readCard(one, server));
  }
  return cards;
}
