import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Teardown } from '../base/teardown.js';
import { waitFor } from '../base/wait.js';
import type { Program, Programs } from '../launch/parts/processes.js';
import { TargetsFile } from './targets.js';

/** From its start to its first question; it takes up to ten seconds to make targets of a file. */
const FIRST_SCRAPE_DEADLINE_MS = 60_000;

export interface PrometheusOptions {
  /** The folder of prometheus.yml and its rules. */
  readonly configuration: string;
  /** A folder for its data, its targets and its log; goes with the run. */
  readonly scratch: string;
  readonly programs: Programs;
  readonly teardown: Teardown;
  readonly signal: AbortSignal;
}

/**
 * Starts the Prometheus on PATH on a free port, watching the `run` that answers at `address`, and
 * returns its URL once it has asked for the first time (`firstScrape`): no trial is missed then.
 * Throws an Error with its last words when it does not get so far.
 */
export async function startPrometheus(
  { address, run }: { readonly address: string; readonly run: string },
  firstScrape: Promise<void>,
  { configuration, scratch, programs, teardown, signal }: PrometheusOptions,
): Promise<string> {
  mkdirSync(scratch, { recursive: true });
  cpSync(configuration, scratch, { recursive: true });
  new TargetsFile(join(scratch, 'targets', 'run.json')).write(address, run);
  const listen = `127.0.0.1:${await freePort()}`;
  const log = join(scratch, 'prometheus.log');
  const args = [
    `--config.file=${join(scratch, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(scratch, 'data')}`,
    `--web.listen-address=${listen}`,
    '--log.level=warn',
  ];
  // One thread of the lowest priority: it must disturb what is measured as little as it can.
  const command = ['-n', '19', 'prometheus', ...args];
  const env = { ...process.env, GOMAXPROCS: '1' };
  const program = programs.start('prometheus', 'nice', command, log, { env });
  teardown.add('Prometheus', async () => void (await program.stop()));
  await waitFor(Promise.race([firstScrape, failedToRun(program, log)]), {
    what: 'waiting for Prometheus to ask for metrics',
    deadlineMs: FIRST_SCRAPE_DEADLINE_MS,
    signal,
  });
  return `http://${listen}`;
}

async function failedToRun(program: Program, log: string): Promise<never> {
  const ending = await program.ended;
  const said = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
  throw new Error(`prometheus ended with ${ending}${said && `: ${said}`}`);
}

/** Prometheus says nowhere which port it got for 0, so one that is free now is chosen for it. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
