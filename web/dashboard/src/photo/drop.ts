/** Whether what is dragged is text over a field that takes it: that is the browser's to do. */
export function isTextForField(types: readonly string[], isField: boolean): boolean {
  return isField && !types.includes('Files');
}
