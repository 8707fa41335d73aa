/** The user asked for something that cannot be done as asked: one line on stderr, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The run was ended from outside (Ctrl-C and its like): what was measured is kept, exit code 130.
 */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(signalName: string) {
    super(`interrupted by ${signalName}`);
  }
}

/** What to show of anything that was thrown: its message, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
