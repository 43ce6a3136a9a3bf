import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

/** A modal dialog: everything else is out of reach until it is closed. The focus goes back to where it was. */
export function Dialog(props: {
  title: string;
  children: ReactNode;
  /** Left out, it cannot be closed by Escape: something has to be answered first. */
  onClose?: (() => void) | undefined;
  className?: string;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  // Closed while it is still in the document, or the browser gives the focus to nobody.
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
        // A file chooser inside sends one as well.
        if (event.target === event.currentTarget) {
          event.preventDefault();
          props.onClose?.();
        }
      }}
      onClose={(event) => {
        // Browsers let a second Escape through whatever a page says.
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
    </dialog>
  );
}
