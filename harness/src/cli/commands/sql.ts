import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { EXIT, print } from '../../base/console.js';
import { UsageError } from '../../base/errors.js';
import { runExperiment } from '../../base/shell.js';
import { makePaths } from '../../experiment/paths.js';
import { runsAmong, runsIn, text, VIEWS, viewsOf } from '../../sql/views.js';
import type { SqlRequest } from '../request.js';

/** What can be written to a file, by how its name ends. */
const FORMATS: Readonly<Record<string, string>> = {
  '.parquet': 'format parquet, compression zstd',
  '.csv': 'format csv, header',
  '.json': 'format json',
};

/** Asks DuckDB about runs, where they lie. */
export async function askRuns(root: string, request: SqlRequest): Promise<number> {
  const { query, to } = request;
  const paths = makePaths(root, request);
  const runs =
    request.runs === undefined
      ? runsAmong([paths.results, join(root, 'results', 'reference')])
      : runsIn(request.runs);
  if (runs.length === 0) throw new UsageError(`no run in ${paths.results}; name one with --runs`);
  const duckdb = join(paths.engines, 'duckdb');
  if (!existsSync(duckdb)) {
    throw new Error(`no DuckDB at '${duckdb}'; setup/engine duckdb gets it`);
  }
  const ask = (asked: string, isJson: boolean) => askDuckDb(duckdb, viewsOf(runs), asked, isJson);
  if (query === undefined) {
    const answer = await ask(SHOWING, true);
    if (answer === undefined) return EXIT.error;
    print(request.json ? answer.trim() : described(JSON.parse(answer) as ViewRow[]));
    return EXIT.ok;
  }
  const answer = await ask(to === undefined ? query : exportOf(query, to), request.json);
  if (answer === undefined) return EXIT.error;
  print(to === undefined ? answer.trimEnd() : resolve(to));
  return EXIT.ok;
}

/** What it prints; undefined when it fails, having said why. */
async function askDuckDb(
  duckdb: string,
  views: string,
  query: string,
  isJson: boolean,
): Promise<string | undefined> {
  // Not the user's own settings (~/.duckdbrc), which may print anything.
  const args = ['-init', '/dev/null', '-bail', isJson ? '-json' : '-box'];
  const child = spawn(duckdb, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  child.stdin.on('error', () => undefined).end(`${views}\n${closed(query)}\n`);
  const said: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => said.push(piece));
  const [status] = await ended;
  return status === 0 ? Buffer.concat(said).toString('utf8') : undefined;
}

/** With the semicolon without which more is waited for. */
function closed(query: string): string {
  return `${query.trim().replace(/;*$/, '')}\n;`;
}

interface ViewRow {
  readonly view: string;
  readonly row: string;
  readonly columns: string;
}

function described(views: readonly ViewRow[]): string {
  const lines = views.map(
    ({ view, row, columns }) => `${view}: each row is ${row}\n${wrapped(columns)}\n`,
  );
  return [...lines, EXAMPLES].join('\n');
}

function wrapped(words: string): string {
  return words.replace(/(.{1,96})(?: |$)/g, '  $1\n').trimEnd();
}

function exportOf(query: string, file: string): string {
  const format = FORMATS[extname(file)];
  if (format === undefined) {
    throw new UsageError(
      `--to ${file}: expected a file that ends in ${Object.keys(FORMATS).join(', ')}`,
    );
  }
  return `copy (${query.trim().replace(/;*$/, '')}\n) to ${text(resolve(file))} (${format})`;
}

/** The views and their columns. */
const SHOWING = Object.entries(VIEWS)
  .map(
    ([name, row]) =>
      `select ${text(name)} as view, ${text(row)} as row, string_agg(column_name, ', ') as columns from (describe ${name})`,
  )
  .join(' union all ');

const EXAMPLES = `Examples:
  $ ${runExperiment('sql', 'select run, count(*) as trials, sum(valid::int) as valid from trials group by run order by run')}
  $ ${runExperiment('sql', "select phase, avg(ms) as mean_ms from phases where run = 'scaling' and stage = 'measured' group by phase order by mean_ms desc")}
  $ ${runExperiment('sql', '--to', 'samples.parquet', 'from samples')}`;
