/** Engines, or transports, by name. */
export class Registry<T extends { readonly name: string }> {
  private readonly entries = new Map<string, T>();

  /** `what` they are: `engine`. */
  constructor(
    private readonly what: string,
    entries: readonly T[],
  ) {
    for (const entry of entries) this.add(entry);
  }

  /** Throws an Error when there is one of that name already. */
  add(entry: T): void {
    if (this.entries.has(entry.name))
      throw new Error(`there are two ${this.what}s '${entry.name}'`);
    this.entries.set(entry.name, entry);
  }

  /** Throws an Error when there is none of that name: names are checked where they are read. */
  of(name: string): T {
    const entry = this.entries.get(name);
    if (entry !== undefined) return entry;
    const expected = [...this.entries.keys()].join(', ');
    throw new Error(`unknown ${this.what} '${name}'; expected one of ${expected}`);
  }

  /** In the order in which they were added. */
  all(): readonly T[] {
    return [...this.entries.values()];
  }
}

/** The names as a type that holds no other. */
export function namesOf<Name extends string>(
  entries: readonly { readonly name: Name }[],
): readonly Name[] {
  return entries.map(({ name }) => name);
}
