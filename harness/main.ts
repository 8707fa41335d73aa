import { compareRuns } from './src/commands/compare.js';
import { examine } from './src/commands/doctor.js';
import { listAll } from './src/commands/list.js';
import { showPlan } from './src/commands/plan.js';
import { makeReport } from './src/commands/report.js';
import { resumeRun, startRun } from './src/commands/run.js';
import { verifyRun } from './src/commands/verify.js';
import { showVersion } from './src/commands/version.js';
import { EXIT, say } from './src/console.js';
import { Interrupted, messageOf, UsageError } from './src/errors.js';
import { parseFlags, type Request } from './src/flags.js';
import { REPOSITORY as ROOT } from './src/shell.js';

async function main(argv: readonly string[]): Promise<number> {
  const request = parseFlags(argv, (text) => process.stdout.write(text));
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
    case 'version':
      return showVersion(ROOT);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof Interrupted ? EXIT.interrupted : EXIT.error;
}

// A reader that went away (`| head`, a closed terminal) is no reason to leave a run half done.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(`run-experiment: ${messageOf(error)}`);
    process.exit(exitCodeOf(error));
  },
);
