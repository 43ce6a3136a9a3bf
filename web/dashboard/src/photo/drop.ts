/** Whether text is dragged over a text field. The browser handles that itself. */
export function isTextForField(types: readonly string[], isField: boolean): boolean {
  return isField && !types.includes('Files');
}
