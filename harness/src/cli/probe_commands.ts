/** The commands that start a probe in engines. */
import { Command } from 'commander';
import { didYouMean } from '../base/did_you_mean.js';
import { UsageError } from '../base/errors.js';
import { ORCHESTRATORS } from '../orchestration/all.js';
import { hosts } from '../probing/isolation.js';
import { limiting } from '../probing/overshoot.js';
import { type Accept, common, example, withBuild, withJson, withOut } from './options.js';
import type { CommonFlags } from './request.js';
import { list, wholeNumber } from './values.js';

export function describeIsolation(accept: Accept): Command {
  const names = hosts().map(({ name }) => name);
  return withEngines(new Command('isolation'), names)
    .description('has a program try to get out of each engine outside the browser')
    .addHelpText('after', example('isolation', '--engines', 'process,wasi-wasmtime'))
    .action((options: CommonFlags & EngineOptions) =>
      accept({ command: 'isolation', ...common(options), ...enginesOf(options, names) }),
    );
}

export function describeOvershoot(accept: Accept): Command {
  const names = limiting().map(({ name }) => name);
  return withEngines(new Command('overshoot'), names)
    .description('has a program exceed the limits of each engine: by how much, and what ends')
    .option('--repeats <number>', 'how often each limit is exceeded', wholeNumber(1, 1_000), 10)
    .addHelpText('after', example('overshoot', '--engines', 'process,wasi-wasmtime'))
    .action((options: CommonFlags & EngineOptions & { readonly repeats: number }) => {
      const { repeats } = options;
      accept({ command: 'overshoot', repeats, ...common(options), ...enginesOf(options, names) });
    });
}

export function describeFootprint(accept: Accept): Command {
  const names = hosts().map(({ name }) => name);
  return withEngines(new Command('footprint'), names)
    .description('starts each engine outside the browser: time to a first product, memory, files')
    .option('--repeats <number>', 'how often each is started', wholeNumber(1, 1_000), 10)
    .addHelpText('after', example('footprint', '--engines', 'process,wasi-wasmtime'))
    .action((options: CommonFlags & EngineOptions & { readonly repeats: number }) => {
      const { repeats } = options;
      accept({ command: 'footprint', repeats, ...common(options), ...enginesOf(options, names) });
    });
}

export function describePortability(accept: Accept): Command {
  const names = hosts().map(({ name }) => name);
  return withEngines(new Command('portability'), names)
    .description('which file multiplies in which engine, and on a machine of another kind')
    .addHelpText('after', example('portability', '--engines', 'process,wasi-wasmtime'))
    .action((options: CommonFlags & EngineOptions) =>
      accept({ command: 'portability', ...common(options), ...enginesOf(options, names) }),
    );
}

export function describeOrchestrate(accept: Accept): Command {
  const names = ORCHESTRATORS.map(({ name }) => name);
  return withBuild(withOut(withJson(new Command('orchestrate'))))
    .description('has orchestrators scale workers and replace one: seconds, and tasks lost')
    .option(
      '--orchestrators <names>',
      `with commas between them (default: ${names.join(',')})`,
      list,
    )
    .option('--repeats <number>', 'how often', wholeNumber(1, 1_000), 10)
    .addHelpText('after', example('orchestrate', '--orchestrators', 'processes,docker-swarm'))
    .action((options: CommonFlags & { orchestrators?: readonly string[]; repeats: number }) => {
      const { repeats, orchestrators } = options;
      checkNames('--orchestrators', orchestrators, names);
      accept({
        ...{ command: 'orchestrate', repeats, ...common(options) },
        ...(orchestrators && { orchestrators }),
      });
    });
}

interface EngineOptions {
  readonly engines?: readonly string[];
}

function withEngines(command: Command, names: readonly string[]): Command {
  return withBuild(withOut(withJson(command))).option(
    '--engines <names>',
    `with commas between them (default: ${names.join(',')})`,
    list,
  );
}

function enginesOf({ engines }: EngineOptions, names: readonly string[]): EngineOptions {
  checkNames('--engines', engines, names);
  return engines ? { engines } : {};
}

function checkNames(
  flag: string,
  asked: readonly string[] | undefined,
  names: readonly string[],
): void {
  const unknown = asked?.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    `${flag}: '${unknown}' is none of ${names.join(', ')}${didYouMean(unknown, names)}`,
  );
}
