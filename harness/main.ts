import { EXIT, flushOutput, print, say, watchOutput } from './src/base/console.js';
import { Interrupted, messageOf, UsageError } from './src/base/errors.js';
import { ignoreWhatTheCallerIgnored } from './src/base/interrupt.js';
import { REPOSITORY as ROOT } from './src/base/shell.js';
import { commandLine, parseFlags } from './src/cli/flags.js';
import type { Request } from './src/cli/request.js';

async function main(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv;
  // Two words that only programs use: ../run-experiment and the completion of shells.
  if (word === 'needs') return showNeeds(rest);
  if (word === 'complete') return showCandidates(rest);
  const request = parseFlags(argv, (text) => print(text.trimEnd()));
  return request === null ? EXIT.ok : carryOut(request, argv);
}

/** Loads no more than the command uses: a browser's driver alone takes half a second. */
async function carryOut(request: Request, argv: readonly string[]): Promise<number> {
  switch (request.command) {
    case 'run':
      return (await import('./src/cli/commands/run.js')).startRun(ROOT, request, argv);
    case 'resume':
      return (await import('./src/cli/commands/run.js')).resumeRun(ROOT, request, argv);
    case 'plan':
      return (await import('./src/cli/commands/plan.js')).showPlan(ROOT, request);
    case 'list':
      return (await import('./src/cli/commands/list.js')).listAll(ROOT, request);
    case 'compare':
      return (await import('./src/cli/commands/compare.js')).compareRuns(request);
    case 'check':
      return (await import('./src/cli/commands/check.js')).checkRun(request);
    case 'report':
      return (await import('./src/cli/commands/report.js')).makeReport(ROOT, request);
    case 'verify':
      return (await import('./src/cli/commands/verify.js')).verifyRun(request);
    case 'export':
      return (await import('./src/cli/commands/export.js')).exportRun(request);
    case 'doctor':
      return (await import('./src/cli/commands/doctor.js')).examine(ROOT, request);
    case 'orchestrate':
      return (await import('./src/cli/commands/orchestrate.js')).showOrchestration(ROOT, request);
    case 'portability':
      return (await import('./src/cli/commands/portability.js')).showPortability(ROOT, request);
    case 'isolation':
      return (await import('./src/cli/commands/isolation.js')).showIsolation(ROOT, request);
    case 'footprint':
      return (await import('./src/cli/commands/footprint.js')).showFootprint(ROOT, request);
    case 'overshoot':
      return (await import('./src/cli/commands/overshoot.js')).showOvershoot(ROOT, request);
    case 'send':
      return (await import('./src/cli/commands/send.js')).sendRuns(request);
    case 'sql':
      return (await import('./src/cli/commands/sql.js')).askRuns(ROOT, request);
    case 'completion':
      return (await import('./src/cli/commands/completion.js')).showCompletion(ROOT, request);
    case 'version':
      return (await import('./src/cli/commands/version.js')).showVersion(ROOT);
  }
}

/** Prints what the set-up has to see to before this command line can be carried out. */
async function showNeeds(argv: readonly string[]): Promise<number> {
  const { needsOf } = await import('./src/cli/needs.js');
  const request = parseFlags(argv, () => undefined);
  if (request !== null) for (const need of await needsOf(ROOT, request)) print(need);
  return EXIT.ok;
}

/** Prints what the last of the words could go on with. */
async function showCandidates(words: readonly string[]): Promise<number> {
  const { candidatesFor } = await import('./src/cli/completion.js');
  for (const line of await candidatesFor(commandLine(), words, ROOT)) print(line);
  return EXIT.ok;
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
