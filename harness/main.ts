import { fileURLToPath } from 'node:url';
import { compareRuns } from './src/commands/compare.js';
import { examine } from './src/commands/doctor.js';
import { listAll } from './src/commands/list.js';
import { showPlan } from './src/commands/plan.js';
import { makeReport } from './src/commands/report.js';
import { resumeRun, startRun } from './src/commands/run.js';
import { verifyRun } from './src/commands/verify.js';
import { EXIT, flushOutput, print, say, watchOutput } from './src/console.js';
import { Interrupted, messageOf, UsageError } from './src/errors.js';
import { parseFlags, type Request } from './src/flags.js';
import { ignoreWhatTheCallerIgnored } from './src/interrupt.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

async function main(argv: readonly string[]): Promise<number> {
  const request = parseFlags(argv, (text) => print(text.trimEnd()));
  return request === null ? EXIT.ok : carryOut(request, argv);
}

function carryOut(request: Request, argv: readonly string[]): number | Promise<number> {
  switch (request.command) {
    case 'run':
      return startRun(ROOT, request, argv);
    case 'resume':
      return resumeRun(ROOT, request, argv);
    case 'plan':
      return showPlan(ROOT, request);
    case 'list':
      return listAll(ROOT, request);
    case 'compare':
      return compareRuns(request);
    case 'report':
      return makeReport(ROOT, request);
    case 'verify':
      return verifyRun(request);
    case 'doctor':
      return examine(ROOT, request);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof Interrupted ? EXIT.interrupted : EXIT.error;
}

watchOutput();
ignoreWhatTheCallerIgnored();
const code = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(`run-experiment: ${messageOf(error)}`);
  return exitCodeOf(error);
});
process.exit(await flushOutput(code));
