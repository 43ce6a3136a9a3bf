import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { ToastSlot } from './toasts';

/** A modal dialog. When it closes, the focus returns to where it was. */
export function Dialog(props: {
  title: string;
  children: ReactNode;
  /** If omitted, Escape does not close the dialog: it needs an answer. */
  onClose?: (() => void) | undefined;
  className?: string;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  // Close it while it is still in the document, or the browser loses the focus.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={props.className ?? 'dialog'}
      aria-labelledby={title}
      onCancel={(event) => {
        // A file chooser inside the dialog sends a cancel event as well.
        if (event.target === event.currentTarget) {
          event.preventDefault();
          props.onClose?.();
        }
      }}
      onClose={(event) => {
        // Browsers close a dialog on the second Escape, even if the page prevents it.
        if (event.target === event.currentTarget && dialog.current?.isConnected) {
          if (props.onClose) {
            props.onClose();
          } else {
            dialog.current.showModal();
          }
        }
      }}
    >
      <h2 id={title}>{props.title}</h2>
      {props.children}
      <ToastSlot />
    </dialog>
  );
}
