import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, say } from './console.js';
import { Interrupted } from './errors.js';
import { abortOnInterrupt } from './interrupt.js';
import { startTimeOf } from './launch/proc.js';
import { Programs } from './launch/processes.js';

/** What everything needs that starts programs: none of it outlives the harness. */
export interface Session {
  readonly programs: Programs;
  /** Aborted by Ctrl-C and its like. */
  readonly signal: AbortSignal;
  /** A folder for temporary files. */
  readonly scratch: string;
}

const PREFIX = 'enxame-harness-';

/** Removes the folders of harnesses that were killed before they could. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^enxame-harness-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || startTimeOf(Number(pid)) !== undefined) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** `beforeSpeaking` is called before an interruption is told, to clear a line of progress. */
export function openSession(beforeSpeaking: () => void = () => undefined): Session {
  const signal = abortOnInterrupt(
    (reason) => {
      beforeSpeaking();
      say(reason instanceof Interrupted ? reason.message : String(reason.stack));
      say('stopping what was started; Ctrl-C once more to kill it');
    },
    () => process.exit(EXIT.interrupted),
  );
  const programs = new Programs();
  removeAbandoned();
  // Playwright and the browser make their temporary folders in here: one removal takes them all.
  const scratch = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.env['TMPDIR'] = scratch;
  process.on('exit', () => {
    programs.killAll();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  return { programs, signal, scratch };
}
