import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a program prints, or why it did not. */
export type Answer = { readonly stdout: string } | { readonly failed: string };

/** Asks a program that should answer at once, and has nothing to read. */
export async function ask(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Answer> {
  try {
    const asked = promisify(execFile)(command, args, { timeout: 30_000, env });
    asked.child.stdin?.end();
    return { stdout: (await asked).stdout };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return { failed: (stderr.trim() || message).split('\n')[0] ?? '' };
  }
}

/** The first line of what a program prints; null when it fails, or there is none to ask. */
export async function firstLineOf(
  command: string | undefined,
  args: readonly string[],
): Promise<string | null> {
  if (command === undefined) return null;
  const answer = await ask(command, args);
  return 'stdout' in answer ? (answer.stdout.split('\n')[0] ?? null) : null;
}
