// Stores the user's choices in this browser. If storage is disabled, browsers throw, and choices
// last as long as the page.

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Stores a choice, or removes it if it is null. */
export function keep(key: string, choice: string | null): void {
  try {
    if (choice === null) {
      localStorage.removeItem(key);
    } else {
      localStorage.setItem(key, choice);
    }
  } catch {
    // Storage is a convenience only.
  }
}
