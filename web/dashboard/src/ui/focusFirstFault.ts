/** Moves the focus to the first field that has a fault, once it is drawn. */
export function focusFirstFault(form: HTMLElement): void {
  // What an answer changes is drawn after the next frame at the latest.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()),
  );
}
