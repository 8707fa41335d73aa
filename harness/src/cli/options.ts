/** Options that several commands have, and what becomes of their values. */
import { type Command, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { runExperiment } from '../base/shell.js';
import type { MetricsWish } from '../metrics/service.js';
import type { CommonFlags, EndOfRun, Request } from './request.js';
import { path, wholeNumber } from './values.js';

/** Is told what was asked for. */
export type Accept = (request: Request) => void;

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON on stdout instead of text');
}

export function withMetrics(command: Command): Command {
  return command
    .option(
      '--metrics-port <port>',
      'serve GET /metrics on this port during the run; 0: any free port',
      wholeNumber(0, 65_535),
    )
    .option('--prometheus', 'start a Prometheus that watches the run and ends with it');
}

export function metricsOf({ metricsPort, prometheus }: MetricsWish): { metrics?: MetricsWish } {
  if (metricsPort === undefined && prometheus === undefined) return {};
  return {
    metrics: {
      ...(metricsPort !== undefined && { metricsPort }),
      ...(prometheus !== undefined && { prometheus }),
    },
  };
}

export function withReport(command: Command): Command {
  return command.option(
    '--no-report',
    'draw no figures and no page when the run has ended: the command report draws them later',
  );
}

/** What `--no-report` came to, whose option commander calls `report`. */
export function endOf({ report = true }: EndOfRun): EndOfRun {
  return report ? {} : { report };
}

export function withOut(command: Command): Command {
  return command.option(
    '--out <folder>',
    'where to create the folder of the run (default: results/)',
    path,
  );
}

/** Of commands that start programs. */
export function withPlaces(command: Command): Command {
  return withBuild(
    command.option(
      '--browser-path <file>',
      'the Chromium to use (default: chromium-headless-shell on PATH)',
      path,
    ),
  );
}

/** Of commands that ask programs what they support. */
export function withBuild(command: Command): Command {
  return command.addOption(
    new Option('--build <folder>', 'where the programs were built (default: build/)')
      .env('ENXAME_BUILD')
      .argParser(path),
  );
}

export function common({
  json = false,
  out,
  build,
  browserPath,
}: Partial<CommonFlags>): CommonFlags {
  return {
    json,
    ...(out !== undefined && { out }),
    ...(build !== undefined && { build }),
    ...(browserPath !== undefined && { browserPath }),
  };
}

export function example(...words: readonly string[]): string {
  return `\nExample:\n  $ ${runExperiment(...words)}`;
}

/** Refuses an option that belongs to another one, which was not given. */
export function refuseWithout(
  needed: string,
  flag: string,
  value: string | number | true | undefined,
  because: string,
): void {
  if (value === undefined) return;
  const given = value === true ? flag : `${flag} ${value}`;
  throw new UsageError(`${given} has no effect without ${needed}: ${because}`);
}
