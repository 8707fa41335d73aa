/** Further load on a system that is measured, by a load generator of its own (faults/burst.ts). */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial } from '../experiment/plan.js';
import { clientFlagsOf } from '../experiment/systems.js';
import type { ExtraLoad } from '../faults/handles.js';
import { type LaunchContext, logOf } from '../launch/context.js';
import type { Launched } from '../launch/launched.js';
import { type LoadEvent, type LoadResult, parseEvent } from './load_events.js';

const NAME = 'burst';

export interface ExtraLoads {
  /** As Handles has it. */
  run(inFlight: number, forS: number, signal: AbortSignal): Promise<ExtraLoad>;
  /** Processor seconds of all of them so far. */
  readonly cpuS: number;
}

export function extraLoads(trial: Trial, context: LaunchContext, launched: Launched): ExtraLoads {
  const { programs, paths, logs, experiment } = context;
  const samples = join(logs, `${trial.id}-${NAME}.csv`);
  let cpuS = 0;
  return {
    get cpuS() {
      return cpuS;
    },
    async run(inFlight, forS, signal) {
      const { system, workers, n, values, split } = trial.cell;
      const args = {
        ...clientFlagsOf(system),
        ...{ workers, n, values, split },
        'in-flight': inFlight,
        duration: forS,
        'warm-up-limit': 0,
        'max-errors': 0,
        seed: (experiment.seed + trial.launch) % 2 ** 32,
        samples,
      };
      const named = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const log = logOf(logs, trial, NAME);
      const all = [...named, ...launched.loadArguments];
      const program = programs.start(NAME, paths.loadGenerator, all, log);
      const stop = () => void program.stop();
      signal.addEventListener('abort', stop, { once: true });
      let result: LoadResult | undefined;
      program.lines.on('line', (line) => {
        const event: LoadEvent | undefined = parseEvent(line);
        if (event?.event === 'done') result = event;
      });
      const ending = await program.ended;
      signal.removeEventListener('abort', stop);
      rmSync(samples, { force: true });
      cpuS += result?.cpu_s ?? 0;
      if (result !== undefined) {
        const { samples: count, errors, wrong } = result;
        return { samples: count, errors, wrong };
      }
      if (signal.aborted) return { samples: 0, errors: 0, wrong: 0 };
      throw new Error(program.describeEnding(ending, 'while it put further load on the system'));
    },
  };
}
