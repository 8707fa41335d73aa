import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, print, printJson, say } from '../../base/console.js';
import { Interrupted } from '../../base/errors.js';
import { abortOnInterrupt } from '../../base/interrupt.js';
import { runExperiment } from '../../base/shell.js';
import { Postgres, type SentTrial, ServerAway } from '../../sql/postgres.js';
import { runsIn } from '../../sql/views.js';
import type { SendRequest } from '../request.js';

/** So many trials are sent in one transaction. */
const TOGETHER = 20;

/** From one try to reach the server to the next. */
const RETRY_MS = 1_000;

/** Sends what a database does not have yet of runs, and waits for it while it is away: what is not sent is in the folders. */
export async function sendRuns(request: SendRequest): Promise<number> {
  const { to, runs, patienceS } = request;
  const database = new Postgres(to);
  const signal = abortOnInterrupt(
    () => say('stopping; what was sent is there, and the rest can be sent again'),
    () => process.exit(EXIT.interrupted),
  );
  const patiently = <T>(send: () => Promise<T>) => whileAway(send, patienceS, signal);
  await patiently(() => database.prepare());
  const began = performance.now();
  let trials = 0;
  let samples = 0;
  for (const folder of runsIn(runs)) {
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    const { run_id, experiment } = manifest;
    await patiently(() => database.sendRun(run_id, experiment.name, folder));
    const there = await patiently(() => database.trialsOf(run_id));
    const missing = trialsIn(folder).filter(({ trial }) => !there.has(trial));
    say(`${folder}: ${missing.length} trials to send, ${there.size} there already`);
    for (let at = 0; at < missing.length; at += TOGETHER) {
      const some = missing.slice(at, at + TOGETHER);
      let isFirst = true;
      samples += await patiently(async () => {
        // It may have them, although it went away before it said so.
        const has = isFirst ? new Set<string>() : await database.trialsOf(run_id);
        isFirst = false;
        const rest = some.filter(({ trial }) => !has.has(trial));
        return database.sendTrials(run_id, folder, rest);
      });
      trials += some.length;
    }
  }
  const tookS = (performance.now() - began) / 1_000;
  const sent = { trials, samples, took_s: tookS };
  if (request.json) printJson(sent);
  else print(`sent ${samples} samples of ${trials} trials in ${tookS.toFixed(1)} s`);
  return EXIT.ok;
}

interface Manifest {
  readonly run_id: string;
  readonly experiment: { readonly name: string };
}

/** Those of a run; the last line of one that is being measured may not be whole yet. */
function trialsIn(folder: string): SentTrial[] {
  const text = readFileSync(join(resolve(folder), 'trials.jsonl'), 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SentTrial);
}

async function whileAway<T>(
  send: () => Promise<T>,
  patienceS: number,
  signal: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + 1_000 * patienceS;
  for (let told = false; ; told = true) {
    if (signal.aborted)
      throw signal.reason instanceof Error ? signal.reason : new Interrupted('SIGINT');
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ServerAway)) throw error;
      if (performance.now() > deadline) {
        throw new Error(
          `PostgreSQL was away for ${patienceS} s (${error.message}); nothing is lost: the runs are in their folders, and ${runExperiment('send')} goes on where it was`,
        );
      }
      if (!told) say(`waiting for PostgreSQL: ${error.message}`);
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
