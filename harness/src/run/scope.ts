import { EXIT, say } from '../base/console.js';
import { Interrupted } from '../base/errors.js';
import { abortOnInterrupt } from '../base/interrupt.js';
import { makeScratch, removeAbandoned, removeScratch } from '../base/scratch.js';
import { Programs } from '../launch/parts/processes.js';

/** What everything needs that starts programs: none of it outlives the harness. */
export interface Scope {
  readonly programs: Programs;
  /** Aborted by Ctrl-C and its like. */
  readonly signal: AbortSignal;
  /** A folder for temporary files. */
  readonly scratch: string;
}

/** `beforeSpeaking` is called before an interruption is told, to clear a line of progress. */
export function openScope(beforeSpeaking: () => void = () => undefined): Scope {
  const signal = abortOnInterrupt(
    (reason) => {
      beforeSpeaking();
      say(reason instanceof Interrupted ? reason.message : String(reason.stack));
      say('stopping what was started; press Ctrl-C again to kill it');
    },
    () => process.exit(EXIT.interrupted),
  );
  const programs = new Programs();
  removeAbandoned();
  // Playwright and the browser make their temporary folders in here: one removal takes them all.
  const scratch = makeScratch();
  process.env['TMPDIR'] = scratch;
  process.on('exit', () => {
    programs.killAll();
    removeScratch(scratch);
  });
  return { programs, signal, scratch };
}
