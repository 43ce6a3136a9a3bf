// Values by key, in the order they came: what `Map` does, for the few that a page has. Pages have a `Map` and a `Set` that are something
// else: a map of a city, a set of cards.

export class Table<Key, Value> {
  /** Replaced by every change, so that the table may change while its rows are visited. */
  #rows: readonly (readonly [Key, Value])[] = [];

  get rows(): readonly (readonly [Key, Value])[] {
    return this.#rows;
  }

  get size(): number {
    return this.#rows.length;
  }

  get(key: Key): Value | undefined {
    for (const [its, value] of this.#rows) {
      if (its === key) {
        return value;
      }
    }
    return undefined;
  }

  /** What has the key already gives its place to what comes last. */
  set(key: Key, value: Value): void {
    this.delete(key);
    this.#rows = [...this.#rows, [key, value]];
  }

  /** Whether it was there. */
  delete(key: Key): boolean {
    const rest: (readonly [Key, Value])[] = [];
    for (const row of this.#rows) {
      if (row[0] !== key) {
        rest.push(row);
      }
    }
    const isShorter = rest.length < this.#rows.length;
    this.#rows = rest;
    return isShorter;
  }
}
