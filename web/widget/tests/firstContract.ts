// The contract of the first version with a chat, as it was released: browsers and copies bring
// files of different versions together. The compiler checks it, so this copy is never changed.

export interface ChatState {
  readonly status: 'PENDING' | 'OPEN' | 'CLOSED' | null;
  readonly unreadCount: number;
}
export interface Subscriber {
  request(transport: 'socket' | 'streams'): string;
  take(result: unknown, isFirst: boolean): 'current' | 'failed' | 'over';
  alive(): void;
}
export interface Reports {
  result(subscriber: Subscriber, result: unknown): void;
  alive(subscriber: Subscriber | null): void;
  ended(code: number): void;
}
export interface Wire {
  subscribe(subscriber: Subscriber): void;
  unsubscribe(subscriber: Subscriber): void;
  probe(): void;
  close(): void;
}
export interface OperatorCard {
  readonly id: string;
  readonly publicName: string;
  readonly description: string | null;
  readonly photoUrl: string | null;
}
export interface Known {
  readonly availability: {
    readonly version: number;
    readonly isAvailable: boolean;
    readonly isChatEnabled: boolean;
    readonly operators: readonly OperatorCard[];
  } | null;
  readonly wasKnown: boolean;
  readonly isFound: boolean;
}
export interface ChatDesk {
  readonly key: string;
  readonly server: string;
  readonly link: {
    readonly token: string | null;
    readonly isServing: boolean;
    identify(token: string | null): void;
    subscribe(subscriber: Subscriber): void;
    unsubscribe(subscriber: Subscriber): void;
    wake(): void;
    readonly dial: Record<'socket' | 'streams', (token: string | null, reports: Reports) => Wire>;
  };
  watch(key: string, listener: (known: Known) => void): () => void;
  visitor(): { readonly name?: string | null; readonly email?: string | null };
  tell(state: ChatState): void;
}
export interface ChatPlace {
  readonly element: HTMLElement;
  readonly shadow: ShadowRoot;
  language(): string;
  isOpen(): boolean;
  setOpen(isOpen: boolean): void;
  readonly pill: HTMLElement;
}
export interface ChatPanel {
  opened(isOpen: boolean, isByHand: boolean): void;
  leave(): void;
}
export interface ChatScript {
  begin(desk: ChatDesk): { show(place: ChatPlace): ChatPanel };
}
