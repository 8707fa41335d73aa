/** What the commands share that start a probe in engines. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../base/console.js';
import { removeAbandoned } from '../../base/scratch.js';
import type { Engine } from '../../engines/engine.js';
import type { Paths } from '../../experiment/paths.js';
import { describeEnvironment, type Environment } from '../../run_folder/environment.js';
import { makeRunId } from '../../run_folder/run_folder.js';
import type { Estimate } from '../../stats/estimate.js';

const NOBODY = {
  askBrowser: async () => {
    throw new Error('no browser takes part');
  },
};

/** What they ran on. */
export async function environmentOf(
  paths: Paths,
  engines: readonly Engine[],
): Promise<Environment> {
  const facts = await Promise.all(engines.map(({ describe }) => describe?.(NOBODY, paths)));
  return describeEnvironment(
    paths,
    facts.flatMap((each) => each ?? []),
    engines,
  );
}

/** Writes what came of it into a file of the results, and returns its path. */
export function keepResult(paths: Paths, kind: string, result: object): string {
  const id = makeRunId(new Date(), randomBytes(3).toString('hex'));
  const file = join(paths.results, `${kind}-${id}.json`);
  mkdirSync(paths.results, { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  return file;
}

/** With its interval, if there is one. */
export function shownEstimate({ value, low, high }: Estimate, decimals = 1): string {
  if (!Number.isFinite(value)) return '–';
  const digits = (each: number) => each.toFixed(decimals);
  if (low === undefined || high === undefined) return digits(value);
  return `${digits(value)} [${digits(low)}–${digits(high)}]`;
}

/** What engines have to undo they undo when this process exits, which it does not by itself when it gets a signal. */
export function tidyUpOnSignals(): void {
  removeAbandoned();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(EXIT.interrupted));
  }
}
