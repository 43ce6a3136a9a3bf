// Short messages about what happened. They disappear by themselves; errors stay until they are
// closed.
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { useWords } from '../i18n';

const GOOD_FOR_MS = 5_000;

interface Toast {
  id: number;
  kind: 'good' | 'bad';
  text: string;
}

interface Toasts {
  good(text: string): void;
  bad(text: string): void;
}

const ToastContext = createContext<Toasts | null>(null);

let lastId = 0;

export function ToastProvider(props: { children: ReactNode }) {
  const { t } = useWords();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const remove = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), []);
  const add = useCallback(
    (kind: Toast['kind'], text: string) => {
      lastId += 1;
      const id = lastId;
      setToasts((shown) => [...shown.filter((toast) => toast.text !== text), { id, kind, text }]);
      if (kind === 'good') {
        setTimeout(() => remove(id), GOOD_FOR_MS);
      }
    },
    [remove],
  );
  const value = useMemo<Toasts>(() => ({ good: (text) => add('good', text), bad: (text) => add('bad', text) }), [add]);
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
