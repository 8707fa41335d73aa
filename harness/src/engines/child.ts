import { quote } from '../base/shell.js';
import type { Built, Kernel } from '../systems/fields.js';
import type { Artefacts, Engine, Guest, Guests } from './engine.js';
import { swarmWorker } from './swarm_worker.js';

/** A program that multiplies for a worker: messages on its stdin, answers on its stdout, whatever runs it. */
export interface Child<Name extends string>
  extends Pick<Engine<Name>, 'name' | 'lacks' | 'needs' | 'describe'> {
  readonly command: Guests['command'];
  readonly unlimited?: string;
  /** What `command` can limit. Default: nothing. */
  readonly limits?: Guests['limits'];
  readonly grants?: Guests['grants'];
  /** Default: nothing is to be made. */
  readonly prepare?: Guests['prepare'];
  /** The files of the build that it is made of. */
  readonly files: (built: Built) => readonly string[];
  readonly artefacts: (built: Built) => Artefacts;
  /** Milliseconds from its start to its first product. */
  readonly startMs: number;
  readonly rates: Engine['cost']['rates'];
}

/** The engine of workers that leave multiplying to such a program, one for each. */
export function childEngine<Name extends string>(child: Child<Name>): Engine<Name> {
  const { name, lacks, needs, command, files, artefacts, describe, startMs, rates } = child;
  const { prepare = async () => {}, grants, limits, unlimited } = child;
  const computing = (built: Built, kernel: Kernel) =>
    command(built, multiplying(kernel)).map(quote).join(' ');
  return {
    name,
    lacks,
    workers: {
      'in-process': { because: `engine ${name} is a program of its own` },
      direct: { because: `engine ${name} listens on no socket` },
      relayed: swarmWorker(
        ({ system: { kernel } }, built) => ['--engine', computing(built, kernel)],
        files,
      ),
    },
    inBrowser: false,
    ...(needs && { needs }),
    ...(unlimited !== undefined && { unlimited }),
    refuses: { browser_flags: `engine ${name} has no browser` },
    cost: {
      launchSeconds: (workers) => 0.16 + (0.03 + startMs / 1000) * workers,
      startMsPerWorker: 250 + startMs,
      // Matrices pass through one more program.
      secondsPerTask: { rest: 1e-4, ws: 1e-4 },
      secondsPerElement: { none: 0, binary: 1e-8, json: 2e-7 },
      rates,
    },
    artefacts,
    prepare: (built) => prepare(built, 'stdio-worker'),
    guests: { prepare, command, ...(grants && { grants }), ...(limits && { limits }) },
    describe,
  };
}

function multiplying(kernel: Kernel): Guest {
  return { program: 'stdio-worker', flags: ['--kernel', kernel] };
}
