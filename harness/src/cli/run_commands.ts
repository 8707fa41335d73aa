/** The commands that look at runs and measure nothing. */
import { Command, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { runExperiment } from '../base/shell.js';
import { overOption } from './experiment_options.js';
import { type Accept, common, example, withJson } from './options.js';
import type { CheckRequest, CommonFlags } from './request.js';
import { factor, fingerprint, list, path, seconds, share } from './values.js';

export function describeReport(accept: Accept): Command {
  return withJson(new Command('report'))
    .argument('<run>', 'the folder of a run')
    .option('--out <folder>', 'where to put them (default: the folder of the run)', path)
    .addOption(overOption())
    .description('draws the tables, the figures and a page of a run')
    .addHelpText('after', example('report', 'results/20250131T235959Z-1a2b3c'))
    .action((run: string, options: CommonFlags & { readonly over?: string }) => {
      const { over } = options;
      accept({ command: 'report', run, ...(over !== undefined && { over }), ...common(options) });
    });
}

export function describeVerify(accept: Accept): Command {
  return withJson(new Command('verify'))
    .argument('<run>', 'the folder of a run')
    .option(
      '--expect <fingerprint>',
      'the fingerprint that the run should have, as published or as verify printed it before',
      fingerprint,
    )
    .description(
      'recomputes the hashes, plan, numbers, verdicts and claims of a run from its raw samples',
    )
    .addHelpText('after', example('verify', 'results/reference/scaling'))
    .action((run: string, options: CommonFlags & { readonly expect?: string }) => {
      const { expect } = options;
      accept({ command: 'verify', run, ...(expect && { expect }), ...common(options) });
    });
}

export function describeCompare(accept: Accept): Command {
  return withJson(new Command('compare'))
    .argument('<before>', 'the folder of a run')
    .argument('<after>', 'the folder of another run')
    .description('compares two runs cell by cell')
    .option('--margin <share>', 'ratios closer to 1 than this count as equivalent', share, 0.05)
    .option('--any-machine', 'compare runs even if machines, programs or versions differ')
    .option('--between-runs <share>', 'how much whole runs of the same thing differ: 0.03', share)
    .addOption(
      new Option(
        '--aa <folders>',
        'runs of the same thing, with commas between them, that show how much',
      )
        .argParser(list)
        .conflicts('betweenRuns'),
    )
    .addHelpText('after', example('compare', 'results/BEFORE', 'results/AFTER', '--margin', '0.03'))
    .action((before: string, after: string, options: CommonFlags & CompareOptions) => {
      const { margin, anyMachine = false, betweenRuns, aa } = options;
      accept({
        ...{ command: 'compare', before, after, margin, anyMachine, ...common(options) },
        ...(betweenRuns !== undefined && { betweenRuns }),
        ...(aa !== undefined && { aa }),
      });
    });
}

export function describeSql(accept: Accept): Command {
  return withJson(new Command('sql'))
    .argument(
      '[query]',
      'what to ask, in the SQL of DuckDB (default: show the views and their columns)',
    )
    .description('asks runs in SQL, where they lie: the views runs, trials, samples and phases')
    .option(
      '--runs <folders>',
      'runs, or folders of some, with commas between them (default: those in results/ and results/reference/)',
      list,
    )
    .option('--to <file>', 'write what the query finds to a file: .parquet, .csv or .json', path)
    .addHelpText(
      'after',
      example('sql', 'select run, system, n, median_response_ms from trials where valid'),
    )
    .action((query: string | undefined, options: CommonFlags & SqlOptions) => {
      const { runs, to } = options;
      if (to !== undefined && query === undefined)
        throw new UsageError('--to: no query, expected one');
      accept({
        ...{ command: 'sql', ...common(options) },
        ...(query !== undefined && { query }),
        ...(runs && { runs }),
        ...(to !== undefined && { to }),
      });
    });
}

export function describeSend(accept: Accept): Command {
  return withJson(new Command('send'))
    .argument('<runs...>', 'runs, or folders of some')
    .requiredOption(
      '--to <database>',
      'where to: postgres://USER@HOST/DATABASE, or what else psql takes',
    )
    .option('--patience <time>', 'how long the server may be away', seconds, 600)
    .description(
      'sends runs to PostgreSQL, and of each what is not there yet: trials, samples, telemetry',
    )
    .addHelpText(
      'after',
      example('send', 'results/reference', '--to', 'postgres://me@db.example/lab'),
    )
    .action((runs: readonly string[], options: CommonFlags & SendOptions) => {
      const { to, patience } = options;
      accept({ command: 'send', runs, to, patienceS: patience, ...common(options) });
    });
}

interface SendOptions {
  readonly to: string;
  readonly patience: number;
}

interface SqlOptions {
  readonly runs?: readonly string[];
  readonly to?: string;
}

interface CompareOptions {
  readonly margin: number;
  readonly anyMachine?: true;
  readonly betweenRuns?: number;
  readonly aa?: readonly string[];
}

const CHECKING = `
For results of other machines: times differ there, and the order of systems should not. Measure
the experiment of the reference, then check. Of each two cells that the reference compares, the
one that it found to be slower has to be slower in your run, and the ratio of their response times
may be up to --factor times as large or small. Cells that you did not measure are left out, and so
are those with more workers than processors on one of the two machines alone.

Exit codes: 0 all pass; 1 one fails; 4 none fails for sure: your launches are too few to tell.
`;

export function describeCheck(accept: Accept): Command {
  return withJson(new Command('check'))
    .argument('<run>', 'the folder of your run')
    .requiredOption('--against <folder>', 'the run that it should bear out', path)
    .description('checks the orders and ratios of a run against those of another machine')
    .option('--factor <number>', 'how many times as large or small a ratio may be', factor, 2)
    .addHelpText(
      'after',
      CHECKING + example('check', 'results/MINE', '--against', 'results/reference/scaling'),
    )
    .action((run: string, options: CommonFlags & Pick<CheckRequest, 'against' | 'factor'>) => {
      const { against, factor } = options;
      accept({ command: 'check', run, against, factor, ...common(options) });
    });
}

export function describeExport(accept: Accept): Command {
  return withJson(new Command('export'))
    .argument('<run>', 'the folder of a run')
    .option('--openmetrics <file>', 'the file to write, in the format OpenMetrics', path)
    .description('writes what a run would have shown Prometheus, to look at in Grafana later')
    .addHelpText('after', `\nExample:\n  $ ${EXPORT}${LOADING}`)
    .action((run: string, options: CommonFlags & { readonly openmetrics?: string }) => {
      const { openmetrics } = options;
      if (openmetrics === undefined) {
        throw new UsageError(
          `export needs --openmetrics <file>: the file to write; for example: ${EXPORT}`,
        );
      }
      accept({ command: 'export', run, openmetrics, ...common(options) });
    });
}

const EXPORT = runExperiment('export', 'results/reference/scaling', '--openmetrics', 'run.om');

/** What to do with an export. */
const LOADING = `

Prometheus takes it as blocks of its database:
  $ promtool tsdb create-blocks-from openmetrics run.om DATA
  $ prometheus --config.file=dashboards/prometheus/prometheus.yml --storage.tsdb.path=DATA \\
      --storage.tsdb.retention.time=10y
Blocks of several runs can be in one DATA. Without a retention that long, what is older than 15 days
is deleted. Then open the dashboards (dashboards/README.md) at the run and the times that export
prints. Points have the times at which trials began and ended. What a program told while a trial ran
is not part of a run; panels that show it stay empty.`;
