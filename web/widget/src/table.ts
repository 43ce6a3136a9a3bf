// A small replacement for `Map`, in insertion order. Some pages define their own `Map` and `Set`: a
// map of a city, a set of cards.

export class Table<Key, Value> {
  /** Replaced by each change, so that the table can change during an iteration. */
  #rows: readonly (readonly [Key, Value])[] = [];

  get rows(): readonly (readonly [Key, Value])[] {
    return this.#rows;
  }

  get(key: Key): Value | undefined {
    for (const [its, value] of this.#rows) {
      if (its === key) {
        return value;
      }
    }
    return undefined;
  }

  /** Replaces the value of an existing key. */
  set(key: Key, value: Value): void {
    this.delete(key);
    this.#rows = [...this.#rows, [key, value]];
  }

  /** Returns whether the key existed. */
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
