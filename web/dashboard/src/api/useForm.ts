// A form: sends mutations, shows what was rejected, and moves the focus to the first fault.
import { type FormEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { CombinedError } from 'urql';
import { useWords } from '../i18n';
import { useToasts } from '../ui/toasts';
import { faultsOf } from './answer';
import type { Faults } from './problems';
import { type Mutate, useMutate } from './useMutate';

export interface Form {
  /** For the `<form>`. Without it, the focus stays. */
  ref: RefObject<HTMLFormElement | null>;
  /** Faults by field; `''` for no particular field. */
  faults: Faults;
  /** The faults of no particular field, as one text. */
  general: string | undefined;
  /** The network or server error of the latest mutation. */
  error: CombinedError | undefined;
  busy: boolean;
  /** Runs `act` when the form is submitted, unless it is busy. */
  onSubmit(act: () => Promise<unknown>): (event: FormEvent) => void;
  /** Runs `act`, unless the form is busy: then the result is null. Busy until its end. */
  run<Result>(act: () => Promise<Result>): Promise<Result | null>;
  /** Sends a mutation, and shows its faults. */
  send: Mutate;
  /** Replaces the faults, and moves the focus to the first field with a fault. */
  show(change: (before: Faults) => Faults): void;
  /** Replaces the faults. The focus stays. */
  setFaults(change: (before: Faults) => Faults): void;
  clear(): void;
}

/** `fields` are the fields of the form, as at the end of `path` in user errors. */
export function useForm(fields: readonly string[], initial: Faults = {}): Form {
  const words = useWords();
  const mutate = useMutate();
  const toasts = useToasts();
  const ref = useRef<HTMLFormElement>(null);
  const [shown, setShown] = useState({ faults: initial, takesFocus: false });
  const [error, setError] = useState<CombinedError>();
  const [busy, setBusy] = useState(false);
  // A ref, because a second click can come before React has rendered the first.
  const isBusy = useRef(false);

  useEffect(() => {
    if (shown.takesFocus) {
      ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [shown]);

  async function run<Result>(act: () => Promise<Result>): Promise<Result | null> {
    if (isBusy.current) {
      return null;
    }
    isBusy.current = true;
    setBusy(true);
    // Messages about the previous attempt are out of date.
    toasts.clear();
    try {
      return await act();
    } finally {
      isBusy.current = false;
      setBusy(false);
    }
  }

  const show = useCallback<Form['show']>((change) => {
    setShown(({ faults }) => ({ faults: change(faults), takesFocus: true }));
  }, []);
  const setFaults = useCallback<Form['setFaults']>((change) => {
    setShown(({ faults }) => ({ faults: change(faults), takesFocus: false }));
  }, []);
  const clear = useCallback(() => setFaults(() => ({})), [setFaults]);

  return {
    ref,
    faults: shown.faults,
    general: shown.faults['']?.join(' '),
    error,
    busy,
    onSubmit: (act) => (event) => {
      event.preventDefault();
      void run(act);
    },
    run,
    send: async (document, variables) => {
      const answer = await mutate(document, variables);
      setError(answer.error);
      show(() => faultsOf(answer, fields, words) ?? {});
      return answer;
    },
    show,
    setFaults,
    clear,
  };
}
