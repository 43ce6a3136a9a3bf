// Short messages about what happened. They disappear by themselves; errors stay until they are
// closed, or until the user tries again.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { createPortal } from 'react-dom';
import { useWords } from '../i18n';

const GOOD_FOR_MS = 5_000;

interface Toast {
  id: number;
  kind: 'good' | 'bad';
  text: string;
  subject: string | undefined;
}

export interface Toasts {
  /** `subject` is the id of what the message is about, on pages with several. */
  good(text: string, subject?: string): void;
  bad(text: string, subject?: string): void;
  /** Removes the messages about this subject, or those without a subject. */
  clear(subject?: string): void;
}

const ToastContext = createContext<Toasts | null>(null);

let lastId = 0;

export function ToastProvider(props: { children: ReactNode }) {
  const { t } = useWords();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const slot = useSyncExternalStore(watchSlots, () => slots.at(-1) ?? null);
  const remove = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), []);
  const add = useCallback(
    (kind: Toast['kind'], text: string, subject?: string) => {
      lastId += 1;
      const id = lastId;
      setToasts((shown) => [...shown.filter((toast) => toast.text !== text), { id, kind, text, subject }]);
      if (kind === 'good') {
        setTimeout(() => remove(id), GOOD_FOR_MS);
      }
    },
    [remove],
  );
  const value = useMemo<Toasts>(
    () => ({
      good: (text, subject) => add('good', text, subject),
      bad: (text, subject) => add('bad', text, subject),
      clear: (subject) => setToasts((shown) => shown.filter((toast) => toast.subject !== subject)),
    }),
    [add],
  );
  return (
    <ToastContext value={value}>
      {props.children}
      <ToastSlot />
      {slot &&
        createPortal(
          toasts.map((toast) => (
            <div key={toast.id} className={`toast ${toast.kind}`}>
              <p>{toast.text}</p>
              <button type="button" className="quiet" aria-label={t('toast.close')} onClick={() => remove(toast.id)}>
                ×
              </button>
            </div>
          )),
          slot,
        )}
    </ToastContext>
  );
}

/** The places for messages: that of the page, and above it those of its open dialogs. */
let slots: readonly HTMLElement[] = [];
const watchers = new Set<() => void>();

function setSlots(next: readonly HTMLElement[]) {
  slots = next;
  for (const watcher of watchers) {
    watcher();
  }
}

function watchSlots(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/**
 * A place for messages. While a dialog is open, the rest of the page is inert and below it, so
 * messages are shown in the dialog.
 */
export function ToastSlot() {
  const slot = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = slot.current;
    if (element) {
      setSlots([...slots, element]);
      return () => setSlots(slots.filter((other) => other !== element));
    }
  }, []);
  return <div ref={slot} className="toasts" role="status" />;
}

export function useToasts(): Toasts {
  const toasts = useContext(ToastContext);
  if (toasts === null) {
    throw new Error('useToasts outside of ToastProvider');
  }
  return toasts;
}
