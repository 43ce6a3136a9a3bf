// Short messages about what happened. They disappear by themselves; errors stay until they are
// closed, or until the user tries again.
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
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
      <div className="toasts" role="status">
        {toasts.map((toast) => (
          <div key={toast.id} className={`toast ${toast.kind}`}>
            <p>{toast.text}</p>
            <button type="button" className="quiet" aria-label={t('toast.close')} onClick={() => remove(toast.id)}>
              ×
            </button>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

export function useToasts(): Toasts {
  const toasts = useContext(ToastContext);
  if (toasts === null) {
    throw new Error('useToasts outside of ToastProvider');
  }
  return toasts;
}
