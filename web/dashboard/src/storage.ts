// What this browser remembers of what was chosen in it. A browser that is to keep nothing throws when it is asked; choices then last
// as long as the page.

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Remembers a choice, or forgets it when it is null. */
export function keep(key: string, choice: string | null): void {
  try {
    if (choice === null) {
      localStorage.removeItem(key);
    } else {
      localStorage.setItem(key, choice);
    }
  } catch {
    // Nothing but convenience is lost.
  }
}
